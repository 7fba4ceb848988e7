#pragma once
// Finds the highest rate that a target bears: doubles until one is too high (or halves until one is not), then halves
// the gap between the highest that held and the lowest that did not. Pure: asks for rates, and is told of each.

#include <cstdint>
#include <optional>

#include "skep/runtime/limits.hpp"

namespace skep::bench {

class RateSearch {
 public:
  struct Settings {
    double first = limits::bench_rate;
    double min = limits::bench_rate_min;
    double max = limits::bench_rate_max;
    double precision = 0.05;  ///< it ends when the gap is so small, relative to the rate that held
    std::uint32_t rates_max = limits::bench_rates_max;
  };

  explicit RateSearch(Settings settings) : settings_(settings), next_(settings.first) {}

  /// The rate to try; nothing: the search has ended.
  [[nodiscard]] std::optional<double> next() const noexcept { return next_; }
  /// Whether the target bore `next()`, of which there is one.
  void tried(bool held);
  /// The highest rate that held; nothing: none did.
  [[nodiscard]] std::optional<double> best() const noexcept { return held_; }

 private:
  [[nodiscard]] std::optional<double> choose() const;

  Settings settings_;
  std::optional<double> next_;
  std::optional<double> held_;    ///< the highest
  std::optional<double> failed_;  ///< the lowest
  std::uint32_t tried_ = 0;
};

}  // namespace skep::bench
