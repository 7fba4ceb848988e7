#pragma once
// The tables of a node file: `[cluster]`, and `[gateways."SWARM.GATEWAY"]`.

#include <string>
#include <vector>

#include "problem_list.hpp"
#include "skep/runtime/node_config.hpp"

namespace skep {

/// `[cluster]`, as far as it can be read; usable only if nothing was reported. Paths become relative to `folder`.
[[nodiscard]] ClusterConfig read_cluster(const OptionValue& value, const std::string& folder, ProblemList& problems);

/// `[gateways]`. Whether there are such swarms and gateways is for later.
[[nodiscard]] std::vector<GatewayAddress> read_gateway_addresses(const OptionValue& value, ProblemList& problems);

}  // namespace skep
