#pragma once
// Durations of single events, and their percentiles.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

class Samples {
 public:
  void add(Clock::duration duration) { nanoseconds_.push_back(duration.count()); }
  void clear() { nanoseconds_.clear(); }
  void reserve(std::size_t count) { nanoseconds_.reserve(count); }
  [[nodiscard]] std::size_t size() const { return nanoseconds_.size(); }

  /// In microseconds; `share` from 0 to 1. 0 if there are none.
  [[nodiscard]] double percentile(double share) {
    if (nanoseconds_.empty()) return 0;
    const auto last = nanoseconds_.size() - 1;
    const auto at = nanoseconds_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(last));
    std::nth_element(nanoseconds_.begin(), at, nanoseconds_.end());
    return static_cast<double>(*at) / 1000;
  }

 private:
  std::vector<Clock::duration::rep> nanoseconds_;
};

[[nodiscard]] inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace bench
