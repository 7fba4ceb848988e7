#include <algorithm>
#include <iterator>

#include "linter.hpp"

namespace skep {

namespace {

bool contains(const std::vector<std::uint16_t>& ports, std::uint16_t port) {
  return std::ranges::find(ports, port) != ports.end();
}

bool disjoint(const std::vector<ContentKind>& a, const std::vector<ContentKind>& b) {
  return std::ranges::find_first_of(a, b) == a.end();
}

}  // namespace

std::string words(const std::vector<ContentKind>& kinds) {
  std::string text;
  for (const auto kind : kinds) text.append(text.empty() ? "" : " or ").append(to_string(kind));
  return text;
}

void Linter::check_cycles() {
  for (const auto& cycle : wiring_.cycles()) {
    std::string path = name(cycle.front());
    for (std::size_t at = 1; at < cycle.size(); ++at) path += " -> " + name(cycle[at]);
    const Node last = cycle[cycle.size() - 2];
    std::size_t edge = 0;
    while (plan_.edges[edge].from != last || plan_.edges[edge].to != cycle.front()) ++edge;
    problems_.error(edge_positions_[edge], "a cycle: " + path,
                    "bees that wait for each other would come to a stand-still");
  }
}

/// Whether records of `from` get to `to`, or would if names that are not known were the right ones.
bool Linter::may_reach(Node from, Node to) const {
  if (gaps_.lines) return true;
  const auto reached = wiring_.downstream(from);
  if (reached[to]) return true;
  const auto leads_to = wiring_.upstream(to);
  for (Node node = 0; node < nodes(); ++node) {
    if (leads_to[node] && unknown_input_[node]) return true;
  }
  return false;
}

void Linter::check_answers() {
  for (const auto& answer : answers_) {
    const auto& gateway = spec_.gateways[answer.gateway];
    const Node source = gateway_node(answer.gateway);
    if (!may_reach(source, answer.bee)) {
      problems_.error(gateway.answers_position, "'" + name(answer.bee) + "' cannot answer '" + gateway.name +
                                                    "': no record gets from there to it");
      continue;
    }
    auto& ports = plan_.bees[answer.bee].answer_ports;
    if (!contains(ports, answer.port)) ports.push_back(answer.port);
    std::ranges::sort(ports);
    const auto after = wiring_.downstream(source);
    const auto before = wiring_.upstream(answer.bee);
    for (Node bee = 0; bee < spec_.bees.size(); ++bee) {
      plan_.bees[bee].answers_reachable = plan_.bees[bee].answers_reachable || (after[bee] && before[bee]);
    }
  }
}

/// Warnings, and only where every name is known: one wrong name leaves other ends loose.
void Linter::check_unread() {
  if (gaps_.lines || unknown_answers_ || std::ranges::find(unknown_input_, true) != unknown_input_.end()) return;
  for (std::size_t gateway = 0; gateway < spec_.gateways.size(); ++gateway) {
    const auto& spec = spec_.gateways[gateway];
    if (!edges_from_[gateway_node(gateway)].empty() || !spec.from.empty()) continue;
    problems_.warning(spec.position, "nothing reads gateway '" + spec.name + "': what comes in there is refused");
  }
  for (Node bee = 0; bee < spec_.bees.size(); ++bee) {
    check_unread_ports(bee);
    if (!plan_.bees[bee].answers_reachable) continue;
    for (std::uint16_t port = 0; port < plan_.bees[bee].configured.outputs.size(); ++port) check_unanswered(bee, port);
  }
}

void Linter::check_unread_ports(Node bee) {
  const auto& planned = plan_.bees[bee];
  std::vector<bool> read(planned.configured.outputs.size());
  for (const auto edge : edges_from_[bee]) read[plan_.edges[edge].port] = true;
  for (const auto port : planned.answer_ports) read[port] = true;
  // A bee whose output goes nowhere at all is an end by intent; it need not use its default port.
  const bool ends_here = std::ranges::find(read, true) == read.end();
  for (std::uint16_t port = ends_here ? 1 : 0; port < read.size(); ++port) {
    const auto& output = planned.configured.outputs[port];
    if (read[port] || output.side || !output.emits) continue;
    problems_.warning(planned.spec.position,
                      "nothing reads '" + port_name(bee, port) + "': what is sent there is dropped");
  }
}

/// Where the way to an answer ends, records go on without hope of one.
void Linter::check_unanswered(Node bee, std::uint16_t port) {
  if (plan_.bees[bee].configured.outputs[port].side) return;
  const auto edges = edges_of(bee, port);
  const auto leads_on = [&](std::size_t edge) {
    const Node to = plan_.edges[edge].to;
    return !is_gateway(to) && plan_.bees[to].answers_reachable;
  };
  if (edges.empty() || contains(plan_.bees[bee].answer_ports, port) || std::ranges::any_of(edges, leads_on)) return;
  problems_.warning(edge_positions_[edges.front()],
                    "no answer comes back from what '" + port_name(bee, port) + "' sends: '" + name(bee) +
                        "' itself has to answer or fail these records",
                    "if it does, its class says so: a side output");
}

std::vector<std::size_t> Linter::edges_of(Node node, std::uint16_t port) const {
  std::vector<std::size_t> edges;
  std::ranges::copy_if(edges_from_[node], std::back_inserter(edges),
                       [&](std::size_t edge) { return plan_.edges[edge].port == port; });
  return edges;
}

void Linter::check_joins() {
  for (Node bee = 0; bee < spec_.bees.size(); ++bee) {
    if (plan_.bees[bee].holds_records && plan_.bees[bee].spec.replicas > 1) check_join(bee);
  }
}

/// Of records that part at one place and come together again at this bee, each replica sees what its route gives it.
void Linter::check_join(Node bee) {
  std::vector<std::size_t> edges;
  for (std::size_t edge = 0; edge < plan_.edges.size(); ++edge) {
    if (plan_.edges[edge].to == bee) edges.push_back(edge);
  }
  const auto divides = [&](std::size_t edge) { return plan_.edges[edge].settings.route == Route::any; };
  const auto divided = std::ranges::find_if(edges, divides);
  if (divided == edges.end()) return;
  const auto& sender = plan_.edges[*divided];
  const auto before = wiring_.upstream(sender.from);
  for (const auto edge : edges) {
    const auto other = plan_.edges[edge].from;
    if (other == sender.from) continue;
    const auto too = wiring_.upstream(other);
    const auto common = [&](Node node) { return before[node] && too[node]; };
    Node node = 0;
    while (node < nodes() && !common(node)) ++node;
    if (node == nodes()) continue;
    return problems_.warning(edge_positions_[*divided],
                             "'" + name(bee) + "' holds records, and its " +
                                 std::to_string(plan_.bees[bee].spec.replicas) + " replicas divide what comes from '" +
                                 name(sender.from) + "' and '" + name(other) +
                                 "' between them: records of one request may not meet",
                             "route = \"key\" on both edges, or one replica");
  }
}

/// Every receiver gets every record of a port, and a record is of one kind: two receivers without a kind in common
/// cannot both be right.
void Linter::check_kinds() {
  for (std::size_t index = 0; index < plan_.gateways.size(); ++index) check_kinds_of_gateway(index);
  for (const auto& edges : edges_from_) {
    for (std::size_t later = 1; later < edges.size() && !problems_.full(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) check_kinds(edges[earlier], edges[later]);
    }
  }
}

void Linter::check_kinds(std::size_t earlier, std::size_t later) {
  const auto &one = plan_.edges[earlier], &other = plan_.edges[later];
  if (one.port != other.port || one.type) return;  // of types more is known
  const auto wanted = inputs(one.to), wanted_too = inputs(other.to);
  if (wanted.empty() || wanted_too.empty() || !disjoint(wanted, wanted_too)) return;
  problems_.warning(edge_positions_[later], "'" + name(other.to) + "' reads " + words(wanted_too) + ", '" +
                                                name(one.to) + "' " + words(wanted) + ", both from '" +
                                                port_name(one.from, one.port) +
                                                "': every record is wrong for one of them");
}

/// A reader has a kind in common with what its gateway brings.
void Linter::check_kinds_of_gateway(std::size_t index) {
  const auto& gateway = plan_.gateways[index];
  const auto& kinds = gateway.configured.kinds;
  if (kinds.empty() || gateway.input_type) return;  // of types more is known
  for (const auto at : edges_from_[gateway_node(index)]) {
    const auto reader = plan_.edges[at].to;
    const auto wanted = inputs(reader);
    if (problems_.full() || wanted.empty() || !disjoint(kinds, wanted)) continue;
    problems_.warning(edge_positions_[at], "gateway '" + gateway.spec.name + "' brings " + words(kinds) + ", and '" +
                                               name(reader) + "' says that it reads " + words(wanted));
  }
}

std::vector<ContentKind> Linter::inputs(Node node) const {
  const auto* entry = is_gateway(node) ? nullptr : bees_.find(spec_.bees[node].bee_class);
  return entry == nullptr ? std::vector<ContentKind>{} : entry->description.inputs;
}

void Linter::order() {
  Wiring whole(nodes());
  for (const auto& edge : plan_.edges) {
    const bool feeds = is_gateway(edge.to) && !edges_from_[edge.to].empty();
    if (!feeds) whole.connect(edge.from, edge.to);
  }
  plan_.order = whole.order();
}

}  // namespace skep
