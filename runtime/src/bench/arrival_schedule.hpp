#pragma once
// When the requests of an open loop are due, whatever becomes of those before: as clients that know nothing of each
// other would send them. Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/seeded_random.hpp"

namespace skep::bench {

enum class Arrivals : std::uint8_t {
  constant,  ///< one after the other, evenly
  poisson,   ///< independent of each other: they bunch, as real ones do
};

[[nodiscard]] std::optional<Arrivals> arrivals_from(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(Arrivals arrivals) noexcept;

class ArrivalSchedule {
 public:
  /// `rate`: so many a second, in the long run.
  ArrivalSchedule(Arrivals arrivals, double rate, std::uint64_t seed);

  /// When the next one is due, from the beginning; never before the one before.
  [[nodiscard]] std::chrono::nanoseconds next() const noexcept { return next_; }
  void pop();

 private:
  Arrivals arrivals_;
  double interval_ns_;
  SeededRandom random_;
  std::uint64_t number_ = 0;
  double due_ns_ = 0;
  std::chrono::nanoseconds next_{};
};

}  // namespace skep::bench
