#pragma once
// Two CAF actors and one small message that goes to and fro: what one more hop through a bee is held against.

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include "support/samples.hpp"

namespace bench {

/// Takes turns (support/turns.hpp) and adds each round trip to `round_trips`, which outlives it.
[[nodiscard]] caf::actor spawn_raw_ping(caf::actor_system& system, Samples& round_trips);

}  // namespace bench
