#pragma once
// Which node runs which replica. Pure: the parts of a swarm, the members and the present placement in, the next one
// out.
//
// Every node that is given the same arguments decides the same. What is placed on a member that is there stays, with
// the epoch it has (sticky), so a member that comes, or comes back, moves nothing. The rest goes, replica by replica in
// the order of the file, to the member with the fewest replicas of that part for its capacity (spread: one each, before
// any has two), of equals to the one with the fewest of all parts for its capacity, of equals to the first. A gateway
// has a replica on every member that matches, and keeps it while that is away: there is nowhere else for it, and its
// clients may still be there.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/edge_session.hpp"

namespace skep {

/// The number of a node in its cluster, from 1: its place in `[cluster] nodes`, which is the same on all of them.
using NodeNumber = std::uint32_t;

/// A node that is there, as others see it.
struct Member {
  NodeNumber number = 0;
  std::vector<std::string> labels;  ///< its name is one of them
  std::uint32_t capacity = 1;       ///< relative to others': its share of the replicas. At least 1

  [[nodiscard]] bool has_all(const std::vector<std::string>& wanted) const;
};

/// A bee or a gateway, as far as placing it matters.
struct PartNeed {
  std::uint32_t replicas = 1;
  std::vector<std::string> labels{};  ///< a member must have all of them
  bool on_each = false;               ///< a gateway: on every member that has them; `replicas` says nothing
};

/// Where a replica is, and since which decision.
struct Place {
  NodeNumber node = 0;  ///< 0: nowhere, no member has the labels
  Epoch epoch{};
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// The epoch of an actor: that of the decision that placed it, and the how-manieth of its node's it is since. Later
/// ones are higher; those of a later decision are higher than all of an earlier one.
[[nodiscard]] constexpr Epoch birth_of(Epoch decision, std::uint32_t life) noexcept {
  return {decision.counter, (decision.node << 24) | (life & 0xFFFFFF)};
}
/// The decision that placed an actor of this epoch.
[[nodiscard]] constexpr Epoch decision_of(Epoch birth) noexcept {
  return {birth.counter, birth.node >> 24};
}

struct Placement {
  Epoch epoch{};                          ///< of the decision
  std::vector<std::vector<Place>> parts;  ///< by part, then by replica; of gateways by rising number of the node
  /// Which life of each node it counts on, by number less 1; 0: the node has not been seen.
  std::vector<std::uint64_t> incarnations{};

  [[nodiscard]] std::uint32_t placed_on(NodeNumber node) const noexcept;  ///< replicas of all parts
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// The swarm's parts, in the order of the plan.
struct PlacementNeeds {
  std::vector<PartNeed> parts;
  /// All bees run on one node, which has the labels of all of them: supervision strategies of a group need that.
  /// Gateways are outside the group.
  bool together = false;

  /// Whether all bees could run on this member.
  [[nodiscard]] bool all_bees_fit(const Member& member) const;
};

/// `members` by rising number, each once (asserted). `present` has as many parts, or is empty: the first placement.
/// `decision` is above `present.epoch` (asserted).
[[nodiscard]] Placement place(const PlacementNeeds& needs, const std::vector<Member>& members, const Placement& present,
                              Epoch decision);

}  // namespace skep
