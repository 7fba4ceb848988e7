#pragma once
// Whether two nodes run the same swarm, and have the same list of nodes: SHA-256 of what has to be equal.
//
// Those of a swarm are over what its file says once the environment is put in, and over the contents of the files that
// make its bees what they are, plug-ins and models, so that a node can say which of the three is another one. Where
// these lie is left out, as are all other paths, which are each machine's own, and the addresses that a node file gives
// its gateways. Classes that are linked into a program are not covered. All parts have their length before them, so
// that none runs into the next. Blocking: reads the models.

#include <vector>

#include "link/link_message.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// `spec` was checked with `catalog`, without errors.
/// Errors: of a model's file, `errc::not_found`, `errc::io`, with its path; `errc::not_found` for a plug-in that
/// `catalog` has not loaded.
[[nodiscard]] Result<SwarmDigest> swarm_digest(const SwarmSpec& spec, const Catalog& catalog);

/// Everything that is said of every node, in the order of the list.
[[nodiscard]] Digest nodes_digest(const std::vector<ClusterNode>& nodes);

}  // namespace skep
