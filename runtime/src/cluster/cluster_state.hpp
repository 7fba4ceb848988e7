#pragma once
// What a node of a static cluster knows and decides: who is there, and which node runs what of each swarm. Pure.
//
// Every node takes a placement with a higher epoch than its own for the one in force, and hands it on. The node that
// may decide (Membership) makes the next one whenever somebody has come or gone: what was on a node that is lost, or
// that was started again since it was placed there, goes elsewhere; the rest stays. A placement says for which life of
// each node it was made, so that a node that was started again runs nothing of what its life before ran.
//
// Who has just come sees some before the others, so nobody decides who has not heard whom those see that it sees
// itself; nor, for `first_wait`, who has not met all of the others since it was started: whom it has not met yet it has
// not lost. The first placement waits until every configured node is there, or for that time, and until those that are
// there have said that they know none: a decider that was started again must not place what runs already.
//
// Links come and go one after another, above all those of a node that has stood still. So nobody decides within
// `settle_time` of the first of them; nor within `reach_time`, as long as others see a node that it does not see
// itself.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "placement/membership.hpp"
#include "placement/placement.hpp"

namespace skep {

class ClusterState {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Settings {
    NodeNumber self = 0;
    std::uint64_t incarnation = 0;           ///< this node's
    std::vector<Member> members;             ///< all that are configured, by number from 1
    std::chrono::nanoseconds first_wait{};   ///< for those who have not come yet
    std::chrono::nanoseconds settle_time{};  ///< from a link that comes or goes to a decision
    std::chrono::nanoseconds reach_time{};   ///< for those whom others see
  };
  /// `needs` by number of the swarm.
  ClusterState(Settings settings, std::vector<PlacementNeeds> needs, Time now);

  /// A link is up, to this life of the node, or down.
  void up(NodeNumber node, std::uint64_t incarnation, Time now);
  void down(NodeNumber node, Time now);
  void heard(NodeNumber node, Views views);
  /// What a node says is in force. Returns whether it is news, and in force here from now on.
  [[nodiscard]] bool heard(NodeNumber node, std::uint32_t swarm, const Placement& placement);
  /// The swarms for which this node has just decided anew. Call after every event, and at `due`.
  [[nodiscard]] std::vector<std::uint32_t> decide(Time now);
  [[nodiscard]] std::optional<Time> due(Time now) const;

  /// In force, without what was placed on an earlier life of this node. No parts: none yet.
  [[nodiscard]] Placement own_view(std::uint32_t swarm) const;
  [[nodiscard]] const Placement& placement(std::uint32_t swarm) const { return swarms_[swarm].placement; }
  [[nodiscard]] Views views() const { return membership_.views(); }
  [[nodiscard]] NodeSet seen() const { return membership_.seen(); }
  [[nodiscard]] NodeNumber decider() const { return membership_.decider(); }  ///< 0: nobody may decide
  [[nodiscard]] std::size_t swarms() const noexcept { return swarms_.size(); }

 private:
  struct Swarm {
    PlacementNeeds needs;
    Placement placement;
    NodeSet told;  ///< who has said what it knows, since its link is up
  };

  [[nodiscard]] Time settled_at() const;
  [[nodiscard]] bool knows_all_of(const Placement& placement) const;
  [[nodiscard]] bool met_all() const { return met_.size() == settings_.members.size(); }
  [[nodiscard]] bool all_told(NodeSet told) const;
  [[nodiscard]] bool knows_enough(const Swarm& swarm, Time now) const;
  [[nodiscard]] Placement still_there(const Placement& placement) const;
  [[nodiscard]] bool decide(Swarm& swarm, Time now);

  Settings settings_;
  Membership membership_;
  std::vector<Swarm> swarms_;
  std::vector<std::uint64_t> incarnations_;  ///< by node - 1; of those that are not seen, the last one
  NodeSet met_;                              ///< who has been seen, ever
  NodeSet views_told_;                       ///< who has told whom it sees, since its link is up
  Time first_at_;
  std::optional<Time> changed_at_{};  ///< the first link since it was settled
};

}  // namespace skep
