#pragma once
// A swarm as the tables of its file, ready to be written in one form or another.

#include "skep/runtime/swarm_writer.hpp"

namespace skep {

/// A table with the keys of a swarm file, in the order in which a file has them.
[[nodiscard]] OptionValue swarm_document(const SwarmSpec& spec, Defaults defaults);

}  // namespace skep
