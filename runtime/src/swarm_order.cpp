#include "swarm_order.hpp"

#include <algorithm>
#include <cassert>

namespace skep::detail {
namespace {

/// For each bee the number of bees on the longest way to it from a gateway.
std::vector<std::size_t> depths(const SwarmPlan& plan) {
  std::vector<std::size_t> depth(part_count(plan), 0);
  for (const auto part : plan.order) {
    for (const auto& edge : plan.edges) {
      if (edge.from == part) depth[edge.to] = std::max(depth[edge.to], depth[part] + 1);
    }
  }
  return depth;
}

}  // namespace

const PlannedGateway* gateway_at(const SwarmPlan& plan, PartIndex part) {
  assert(part < part_count(plan));
  return part < plan.bees.size() ? nullptr : &plan.gateways[part - plan.bees.size()];
}

const std::string& part_name(const SwarmPlan& plan, PartIndex part) {
  const auto* gateway = gateway_at(plan, part);
  return gateway != nullptr ? gateway->spec.name : plan.bees[part].spec.name;
}

std::vector<PartIndex> sources(const SwarmPlan& plan) {
  std::vector<PartIndex> found;
  for (auto part = plan.bees.size(); part < part_count(plan); ++part) {
    if (std::ranges::count(plan.edges, part, &PlannedEdge::from) > 0) found.push_back(part);
  }
  return found;
}

std::vector<PartIndex> sinks(const SwarmPlan& plan) {
  std::vector<PartIndex> found;
  for (auto part = plan.bees.size(); part < part_count(plan); ++part) {
    if (std::ranges::count(plan.edges, part, &PlannedEdge::from) == 0) found.push_back(part);
  }
  return found;
}

std::vector<PartIndex> two_way_gateways(const SwarmPlan& plan) {
  auto found = sources(plan);
  std::erase_if(found, [&](PartIndex part) { return std::ranges::count(plan.edges, part, &PlannedEdge::to) == 0; });
  return found;
}

std::vector<std::vector<PartIndex>> drain_levels(const SwarmPlan& plan) {
  const auto depth = depths(plan);
  const auto first = sources(plan);
  const auto deepest = depth.empty() ? 0 : *std::ranges::max_element(depth);
  std::vector<std::vector<PartIndex>> levels(deepest + 3);
  levels.front() = first;
  for (PartIndex part = 0; part < part_count(plan); ++part) {
    if (gateway_at(plan, part) == nullptr)
      levels[depth[part] + 1].push_back(part);
    else if (std::ranges::count(first, part) == 0)
      levels.back().push_back(part);
  }
  std::erase_if(levels, [](const auto& level) { return level.empty(); });
  return levels;
}

}  // namespace skep::detail
