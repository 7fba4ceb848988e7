#pragma once
// The time of day where an actor system runs. Its clock measures; this dates.

#include <chrono>
#include <optional>

#include "skep/serialization/record.hpp"

namespace skep {

struct WallClock {
  /// What it shows when the actor system's clock is at zero. Empty: the machine's, from which a virtual clock differs
  /// by as much as from the machine's steady one.
  std::optional<EventTime> at_zero{};

  /// `now` is the actor system's.
  [[nodiscard]] EventTime at(std::chrono::steady_clock::time_point now) const {
    if (at_zero) return *at_zero + now.time_since_epoch();
    return std::chrono::system_clock::now() + (now - std::chrono::steady_clock::now());
  }
};

}  // namespace skep
