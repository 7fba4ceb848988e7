#pragma once
// What a swarm asks of a cluster, and who its members are: the arguments of `place`, from what files say. Pure.

#include <cstddef>
#include <vector>

#include "placement/placement.hpp"
#include "skep/runtime/lint.hpp"

namespace skep {

/// Bees, then gateways, as the plan has them. Of its own, only the specs and the supervision are looked at.
[[nodiscard]] PlacementNeeds placement_needs(const SwarmPlan& plan);

/// In their order, numbered from 1. The name of each is one of its labels.
[[nodiscard]] std::vector<Member> members_of(const std::vector<ClusterNode>& nodes);

/// What has no place even when all members are there.
struct Unplaceable {
  std::vector<std::size_t> parts;  ///< no member has all of their labels
  bool group = false;  ///< the bees have to run on one member, each has a place by itself, and no member is one for all

  [[nodiscard]] bool none() const noexcept { return parts.empty() && !group; }
};

[[nodiscard]] Unplaceable unplaceable(const PlacementNeeds& needs, const std::vector<Member>& members);

}  // namespace skep
