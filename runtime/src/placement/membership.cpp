#include "placement/membership.hpp"

#include <bit>
#include <cassert>

namespace skep {

std::uint32_t NodeSet::size() const noexcept {
  return static_cast<std::uint32_t>(std::popcount(bits_));
}

NodeSet NodeSet::up_to(NodeNumber last) const noexcept {
  return NodeSet(bits_ & (~std::uint64_t{0} >> (node_max - last)));
}

std::uint64_t NodeSet::bit(NodeNumber node) noexcept {
  assert(node >= 1 && node <= node_max);
  return std::uint64_t{1} << (node - 1);
}

Membership::Membership(NodeNumber self, NodeNumber nodes) : self_(self), nodes_(nodes), heard_(nodes, Views(nodes)) {
  assert(self >= 1 && self <= nodes && nodes <= NodeSet::node_max);
  seen_.add(self);
}

void Membership::up(NodeNumber node) {
  assert(node != self_ && node <= nodes_);
  seen_.add(node);
}

void Membership::down(NodeNumber node) {
  assert(node != self_ && node <= nodes_);
  seen_.remove(node);
  heard_[node - 1].assign(nodes_, NodeSet());
}

void Membership::heard(NodeNumber node, Views views) {
  if (node == self_ || node > nodes_ || !seen_.has(node)) return;
  views.resize(nodes_);
  for (auto& row : views) row = row.up_to(nodes_);
  heard_[node - 1] = std::move(views);
}

Views Membership::views() const {
  Views views(nodes_);
  for (NodeNumber node = 1; node <= nodes_; ++node) {
    if (seen_.has(node)) views[node - 1] = node == self_ ? seen_ : heard_[node - 1][node - 1];
  }
  return views;
}

bool Membership::others_see_more() const {
  NodeSet all = seen_;
  for (NodeNumber node = 1; node <= nodes_; ++node) all.add_all(heard_[node - 1][node - 1]);
  return all != seen_;
}

/// As far as is known, of its own words: to this node, or to one that tells this node of them.
NodeSet Membership::seen_by(NodeNumber node) const {
  if (node == self_) return seen_;
  NodeSet sees;
  for (const auto& views : heard_) sees.add_all(views[node - 1]);
  if (seen_.has(node)) {
    sees.add(node);
    sees.add(self_);
  }
  return sees;
}

NodeNumber Membership::decider() const {
  if (nodes_ == 2) return seen_.has(1) ? 1 : 0;
  const auto majority = (nodes_ / 2) + 1;
  for (NodeNumber node = 1; node <= nodes_; ++node) {
    if (seen_by(node).size() >= majority) return node;
  }
  return 0;
}

}  // namespace skep
