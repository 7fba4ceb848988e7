#pragma once
// Counts how long things took, to be asked for percentiles: buckets that are linear within each power of two, so that
// one value costs one addition, and a percentile is less than 1 % off wherever it lies.
//
// After HdrHistogram (Gil Tene, http://hdrhistogram.org), which divides powers of two in the same way; that a bound on
// the relative error is what percentiles of latencies need, and that merging keeps it, is in DDSketch (Masson, Rim and
// Lee, VLDB 2019). Pure.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace skep::bench {

class LatencyHistogram {
 public:
  using Duration = std::chrono::nanoseconds;

  static constexpr Duration least = std::chrono::microseconds(1);  ///< shorter ones count as this
  static constexpr Duration most = std::chrono::hours(1);          ///< longer ones count as this
  static constexpr double error_max = 1.0 / 128;                   ///< of a percentile, relative

  LatencyHistogram();

  void add(Duration latency, std::uint64_t times = 1);
  LatencyHistogram& operator+=(const LatencyHistogram& other);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] Duration min() const noexcept { return min_; }  ///< exact; zero if there is none
  [[nodiscard]] Duration max() const noexcept { return max_; }  ///< the same
  [[nodiscard]] Duration mean() const noexcept;                 ///< the same
  /// The least value that so large a share (0 to 1) of all is not above. `never`: so many more took for ever. Nothing
  /// if that is one of them, or there is no value.
  [[nodiscard]] std::optional<Duration> quantile(double share, std::uint64_t never = 0) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ns_ = 0;
  Duration min_{};
  Duration max_{};
};

}  // namespace skep::bench
