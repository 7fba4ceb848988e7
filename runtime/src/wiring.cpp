#include "wiring.hpp"

#include <algorithm>
#include <deque>

namespace skep {

void Wiring::connect(Node from, Node to) {
  out_[from].push_back(to);
  in_[to].push_back(from);
}

std::vector<bool> Wiring::reach(Node node, const Neighbours& neighbours) {
  std::vector<bool> reached(neighbours.size());
  reached[node] = true;
  std::vector<Node> open{node};
  while (!open.empty()) {
    const Node at = open.back();
    open.pop_back();
    for (const Node next : neighbours[at]) {
      if (reached[next]) continue;
      reached[next] = true;
      open.push_back(next);
    }
  }
  return reached;
}

std::vector<Wiring::Node> Wiring::order() const {
  std::vector<std::size_t> senders(size());
  std::vector<Node> order;
  order.reserve(size());
  for (Node node = 0; node < size(); ++node) {
    senders[node] = in_[node].size();
    if (senders[node] == 0) order.push_back(node);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (const Node next : out_[order[at]]) {
      if (--senders[next] == 0) order.push_back(next);
    }
  }
  return order;
}

std::vector<std::vector<Wiring::Node>> Wiring::cycles() const {
  std::vector<bool> settled(size());
  for (const Node node : order()) settled[node] = true;
  std::vector<std::vector<Node>> cycles;
  for (Node node = 0; node < size(); ++node) {
    if (settled[node]) continue;
    auto cycle = shortest_cycle(node);
    if (!cycle) continue;  // only behind a cycle
    const auto after = downstream(node);
    const auto before = upstream(node);
    for (Node other = 0; other < size(); ++other) settled[other] = settled[other] || (after[other] && before[other]);
    cycles.push_back(std::move(*cycle));
  }
  return cycles;
}

std::optional<std::vector<Wiring::Node>> Wiring::shortest_cycle(Node node) const {
  std::vector<std::optional<Node>> came_from(size());
  std::deque<Node> open{node};
  while (!open.empty() && !came_from[node]) {
    const Node at = open.front();
    open.pop_front();
    for (const Node next : out_[at]) {
      if (came_from[next]) continue;
      came_from[next] = at;
      open.push_back(next);
    }
  }
  if (!came_from[node]) return std::nullopt;
  std::vector<Node> path{node};
  do path.push_back(*came_from[path.back()]);
  while (path.back() != node);
  std::ranges::reverse(path);
  return path;
}

}  // namespace skep
