#pragma once
// Questions about a directed graph of a swarm's bees and gateways, by index. Time linear in nodes and edges.

#include <cstddef>
#include <optional>
#include <vector>

namespace skep {

class Wiring {
 public:
  using Node = std::size_t;

  explicit Wiring(std::size_t nodes) : out_(nodes), in_(nodes) {}

  void connect(Node from, Node to);
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  [[nodiscard]] const std::vector<Node>& out(Node node) const { return out_[node]; }
  [[nodiscard]] const std::vector<Node>& in(Node node) const { return in_[node]; }

  /// The nodes that can be reached from `node` (that reach it), with itself.
  [[nodiscard]] std::vector<bool> downstream(Node node) const { return reach(node, out_); }
  [[nodiscard]] std::vector<bool> upstream(Node node) const { return reach(node, in_); }
  /// One shortest cycle for each knot of nodes that reach each other, from the knot's first node to itself.
  [[nodiscard]] std::vector<std::vector<Node>> cycles() const;
  /// Every node before those it feeds; nodes on cycles, and after them, are left out.
  [[nodiscard]] std::vector<Node> order() const;

 private:
  using Neighbours = std::vector<std::vector<Node>>;
  [[nodiscard]] static std::vector<bool> reach(Node node, const Neighbours& neighbours);
  [[nodiscard]] std::optional<std::vector<Node>> shortest_cycle(Node node) const;

  Neighbours out_, in_;
};

}  // namespace skep
