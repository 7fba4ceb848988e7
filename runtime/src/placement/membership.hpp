#pragma once
// Who is there, and who may decide: one node's view of a static cluster. Pure.
//
// Until a coordinator exists, a node that is lost is replaced by the lowest node that sees a majority of the configured
// nodes, itself included; of two nodes, by the lower one alone. Each node tells with its heartbeats whom it sees, and
// what it was told so itself by those. Two that both see a majority see each other, or see a third in common, which so
// tells each whom the other one sees: the higher one leaves the decision to the lower, although they do not see each
// other.
//
// Such views are late: for a moment two may decide. Each decision has an epoch (counter, deciding node), the higher one
// counts everywhere, and receivers drop what comes from an earlier placement: nothing is done twice, one of the two
// decisions is just given up.

#include <cstdint>
#include <vector>

#include "placement/placement.hpp"
#include "skep/actors/edge_session.hpp"

namespace skep {

/// A set of the nodes 1 to 64.
class NodeSet {
 public:
  static constexpr NodeNumber node_max = 64;

  NodeSet() = default;
  explicit NodeSet(std::uint64_t bits) : bits_(bits) {}  ///< bit 0 is node 1

  void add(NodeNumber node) noexcept { bits_ |= bit(node); }
  void remove(NodeNumber node) noexcept { bits_ &= ~bit(node); }
  void add_all(NodeSet others) noexcept { bits_ |= others.bits_; }
  [[nodiscard]] NodeSet up_to(NodeNumber last) const noexcept;  ///< those of them; `last` is 1 at least
  [[nodiscard]] bool has(NodeNumber node) const noexcept { return (bits_ & bit(node)) != 0; }
  [[nodiscard]] std::uint32_t size() const noexcept;
  [[nodiscard]] std::uint64_t bits() const noexcept { return bits_; }
  friend bool operator==(const NodeSet&, const NodeSet&) = default;

 private:
  [[nodiscard]] static std::uint64_t bit(NodeNumber node) noexcept;  ///< asserts that it is one of 1 to 64

  std::uint64_t bits_ = 0;
};

/// Who sees whom, as one node tells it: by the number of the seeing node less 1. Rows of those that it does not see
/// itself are empty.
using Views = std::vector<NodeSet>;

class Membership {
 public:
  /// Of `nodes` configured ones this is number `self`, both at most NodeSet::node_max (asserted).
  Membership(NodeNumber self, NodeNumber nodes);

  /// A link is up, or down.
  void up(NodeNumber node);
  void down(NodeNumber node);
  /// What a node that is up says. Of nodes that are not configured, and without a link, nothing is kept.
  void heard(NodeNumber node, Views views);
  /// What to say to those that are up.
  [[nodiscard]] Views views() const;

  /// This node and those whose links are up.
  [[nodiscard]] NodeSet seen() const noexcept { return seen_; }
  /// Whether one of those sees a node that this one does not.
  [[nodiscard]] bool others_see_more() const;
  /// Who may decide, as far as is known here; 0: nobody.
  [[nodiscard]] NodeNumber decider() const;
  [[nodiscard]] bool decides() const { return decider() == self_; }
  /// The number of the next decision made here, when `present` is in force.
  [[nodiscard]] Epoch next(Epoch present) const noexcept { return {present.counter + 1, self_}; }

 private:
  [[nodiscard]] NodeSet seen_by(NodeNumber node) const;

  NodeNumber self_;
  NodeNumber nodes_;
  NodeSet seen_;
  std::vector<Views> heard_;  ///< by node - 1: what those whose links are up have said last
};

}  // namespace skep
