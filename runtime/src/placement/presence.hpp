#pragma once
// What a node says of its own bees and gateways.

#include <cstdint>

#include "skep/actors/edge_session.hpp"

namespace skep {

enum class PresenceState : std::uint8_t {
  up,
  ended,     ///< for good: it is not built again there
  draining,  ///< it finishes what it has, and is to be sent no more: its node ends
  drained,   ///< a gateway that has closed in that way
};

struct ActorPresence {
  std::uint32_t part = 0;
  std::uint32_t replica = 0;
  Epoch epoch{};  ///< of the actor: `birth_of` its placement
  PresenceState state = PresenceState::up;
  friend bool operator==(const ActorPresence&, const ActorPresence&) = default;
};

}  // namespace skep
