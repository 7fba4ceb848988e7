#pragma once
// Where the gateways of a node listen, if its file says so and not their swarms'.
//
// A swarm file is the same on all nodes of a cluster; the ports that are free are not. The specs stay as the files have
// them: only what is started changes.

#include <vector>

#include "skep/runtime/catalog.hpp"

namespace skep {

/// Makes gateways of `swarms` listen where `node` says. Returns what is wrong with that, at places in the node's file:
/// unknown names, a gateway that does not listen, an address that its type refuses or that another one has.
[[nodiscard]] std::vector<Problem> move_gateways(const NodeConfig& node, const GatewayRegistry& gateways,
                                                 std::vector<Catalog::Checked>& swarms);

/// Whether `node` says where it listens.
[[nodiscard]] bool is_moved(const NodeConfig& node, const std::string& swarm, const std::string& gateway);

}  // namespace skep
