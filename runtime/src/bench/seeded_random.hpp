#pragma once
// Numbers that one seed brings back, on every machine: the standard's distributions may differ between libraries. Pure.

#include <cstdint>
#include <random>

namespace skep::bench {

class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] double fraction() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }  ///< from 0, below 1
  /// From 0, below `bound`, which is not 0. That the first numbers come up more often by bound / 2^64 nobody sees.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace skep::bench
