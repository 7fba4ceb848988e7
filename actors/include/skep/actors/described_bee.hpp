#pragma once
// A bee class of which only its description is known: what lint checks swarm files against where the class's own code
// is not loaded.

#include "skep/actors/bee_registry.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// Checks options by their types and rules, and has the ports that description and options name; builds nothing. What a
/// class has to say beyond that is found when it is loaded. A port that only some options bring about is there always,
/// as a side output, so that nothing is said of nobody reading it.
///
/// Errors: `errc::incompatible`, for an option of a type that is not known here.
[[nodiscard]] Result<BeeRegistry::Entry> described_bee(BeeDescription description);

}  // namespace skep
