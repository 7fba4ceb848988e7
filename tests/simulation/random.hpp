#pragma once
// All chance of a simulation: SplitMix64 (Steele, Lea, Flood 2014), the same on every machine.

#include <cstdint>

#include "ids.hpp"

namespace skep::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    auto mixed = state_ += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t below(std::uint64_t end) noexcept { return next() % end; }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) noexcept {
    return least + static_cast<std::uint32_t>(below(most - least + 1));
  }
  Duration between(Duration least, Duration most) noexcept {
    return least + Duration(below(static_cast<std::uint64_t>((most - least).count()) + 1));
  }
  bool chance(std::uint32_t percent) noexcept { return percent != 0 && below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace skep::simulation
