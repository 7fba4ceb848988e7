#include "placement/placement_needs.hpp"

#include <algorithm>
#include <utility>

namespace skep {
namespace {

bool fits(const PartNeed& need, const std::vector<Member>& members) {
  return std::ranges::any_of(members, [&](const Member& member) { return member.has_all(need.labels); });
}

bool is_bee(const PartNeed& need) {
  return !need.on_each;
}

}  // namespace

PlacementNeeds placement_needs(const SwarmPlan& plan) {
  PlacementNeeds needs{.parts = {}, .together = plan.supervision.strategy != Strategy::one_for_one};
  for (const auto& bee : plan.bees) needs.parts.push_back({.replicas = bee.spec.replicas, .labels = bee.spec.nodes});
  for (const auto& gateway : plan.gateways) needs.parts.push_back({.labels = gateway.spec.nodes, .on_each = true});
  return needs;
}

std::vector<Member> members_of(const std::vector<ClusterNode>& nodes) {
  std::vector<Member> members;
  for (const auto& node : nodes) {
    auto labels = node.labels;
    labels.push_back(node.name);
    members.push_back({static_cast<NodeNumber>(members.size() + 1), std::move(labels), node.capacity});
  }
  return members;
}

Unplaceable unplaceable(const PlacementNeeds& needs, const std::vector<Member>& members) {
  Unplaceable found;
  bool all_bees = std::ranges::any_of(needs.parts, is_bee);
  for (std::size_t part = 0; part < needs.parts.size(); ++part) {
    if (fits(needs.parts[part], members)) continue;
    found.parts.push_back(part);
    all_bees = all_bees && !is_bee(needs.parts[part]);
  }
  const auto is_home = [&](const Member& member) { return needs.all_bees_fit(member); };
  found.group = needs.together && all_bees && std::ranges::none_of(members, is_home);
  return found;
}

}  // namespace skep
