#pragma once
// The order in which a swarm starts and drains, and who sends to whom. Pure.

#include <cstddef>
#include <vector>

#include "skep/runtime/lint.hpp"

namespace skep::detail {

/// An index into a plan: its bees, then its gateways.
using PartIndex = std::size_t;

[[nodiscard]] inline std::size_t part_count(const SwarmPlan& plan) {
  return plan.bees.size() + plan.gateways.size();
}
[[nodiscard]] const std::string& part_name(const SwarmPlan& plan, PartIndex part);
/// Null for a bee.
[[nodiscard]] const PlannedGateway* gateway_at(const SwarmPlan& plan, PartIndex part);
/// Gateways from which records come into the swarm.
[[nodiscard]] std::vector<PartIndex> sources(const SwarmPlan& plan);

/// What drains together, first to last: the gateways that take records in (they wait for their answers, for which all
/// bees must live), the bees level by level from the gateways down, the gateways that only send out. A swarm starts
/// in the opposite order.
[[nodiscard]] std::vector<std::vector<PartIndex>> drain_levels(const SwarmPlan& plan);
/// Gateways that only send records out.
[[nodiscard]] std::vector<PartIndex> sinks(const SwarmPlan& plan);
/// Gateways that take records in and send records out: of these only the intake ends first, and they close last.
[[nodiscard]] std::vector<PartIndex> two_way_gateways(const SwarmPlan& plan);

}  // namespace skep::detail
