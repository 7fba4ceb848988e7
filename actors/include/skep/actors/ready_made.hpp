#pragma once
// The bees that come with Skep, apart from `skep.model` (model_engine.hpp).

namespace skep {

class BeeRegistry;

/// Registers all of them.
void add_ready_made_bees(BeeRegistry& registry);

}  // namespace skep
