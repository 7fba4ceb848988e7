#pragma once
// Reads `from`: a name, "bee.port", a table, or a list of these.

#include <vector>

#include "problem_list.hpp"

namespace skep {

/// At least one edge. One that could not be read, and was reported, has an empty `from`: something comes in there, but
/// nobody knows from where.
[[nodiscard]] std::vector<EdgeSpec> read_edges(const OptionValue& value, ProblemList& problems);
[[nodiscard]] EdgeSpec unreadable_edge(SourcePosition position);

}  // namespace skep
