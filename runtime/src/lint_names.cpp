#include <algorithm>

#include "linter.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {

void Linter::resolve_edges() {
  for (Node node = 0; node < nodes(); ++node) {
    unknown_input_[node] = from(node).empty() && !is_gateway(node);
    for (const auto& edge : from(node)) {
      if (plan_.edges.size() >= limits::swarm_edges_max) {
        return problems_.error(edge.position, "more than " + std::to_string(limits::swarm_edges_max) + " edges");
      }
      resolve_edge(edge, node);
    }
  }
}

void Linter::resolve_edge(const EdgeSpec& edge, Node to) {
  const auto sender = edge.from.empty() ? std::nullopt : find(edge.from, edge.position);
  const auto port = sender ? find_port(*sender, edge.port, edge.position) : std::nullopt;
  if (!port || !emits(*sender, *port, edge.position, "nothing comes from it") || !comes_in(*sender, edge.position)) {
    unknown_input_[to] = true;
    return;
  }
  if (is_gateway(to) && *sender == to) {
    return problems_.error(edge.position, "gateway '" + name(to) + "' reads itself");
  }
  if (!edges_seen_.emplace(*sender, *port, to).second) {
    return problems_.error(edge.position, "'" + name(to) + "' reads '" + port_name(*sender, *port) + "' twice");
  }
  edges_from_[*sender].push_back(plan_.edges.size());
  plan_.edges.push_back({*sender, *port, to, edge.settings, port_name(*sender, *port) + " -> " + name(to)});
  edge_positions_.push_back(edge.position);
  // A gateway forwards nothing to its readers: what it sends out leaves the swarm.
  if (!is_gateway(to)) wiring_.connect(*sender, to);
}

std::optional<Linter::Node> Linter::find(const std::string& wanted, SourcePosition position) {
  const auto found = names_.find(wanted);
  if (found != names_.end()) return found->second;
  std::vector<std::string> known;
  for (Node node = 0; node < nodes() && !problems_.full(); ++node) known.push_back(name(node));
  if (gaps_.lines && !nearest(wanted, known)) return std::nullopt;
  problems_.error(position, "no bee or gateway is named '" + wanted + "'", suggest(wanted, known));
  return std::nullopt;
}

std::optional<std::uint16_t> Linter::find_port(Node node, const std::string& port, SourcePosition position) {
  const std::string shown = "'" + port + "'";
  if (is_gateway(node)) {
    if (port == "default") return std::uint16_t{0};
    problems_.error(position, "gateway '" + name(node) + "' has no port " + shown, "gateways have only one, unnamed");
    return std::nullopt;
  }
  const auto& configured = plan_.bees[node].configured;
  const auto found = std::ranges::find(configured.outputs, port, &PortDescription::name);
  if (found != configured.outputs.end()) return static_cast<std::uint16_t>(found - configured.outputs.begin());
  std::vector<std::string> ports;
  for (const auto& output : configured.outputs) ports.push_back(output.name);
  // Without its class, or with wrong options, some of a bee's ports may not be known, and this one may be right.
  if ((!configured.factory || gaps_.lines) && !nearest(port, ports)) return std::nullopt;
  problems_.error(position, "bee '" + name(node) + "' has no port " + shown, suggest(port, ports));
  return std::nullopt;
}

/// Whether anything ever leaves a port. Reports it, with what follows, if not.
bool Linter::emits(Node node, std::uint16_t port, SourcePosition position, const std::string& else_what) {
  if (is_gateway(node)) return true;
  const auto& outputs = plan_.bees[node].configured.outputs;
  if (outputs[port].emits) return true;
  std::string others;
  for (const auto& output : outputs) {
    if (output.emits) others += (others.empty() ? "its ports: " : ", ") + output.name;
  }
  const std::string where = others.empty() ? "" : " on its " + outputs[port].name + " port";
  problems_.error(position, "'" + name(node) + "' never emits" + where + ": " + else_what, others);
  return false;
}

/// Records go only the ways that a gateway's class has.
void Linter::check_directions(const GatewaySpec& spec, const GatewayDescription& type) {
  const auto& ways = type.directions;
  const auto of_type = "a gateway of type '" + type.type + "' ";
  if (!ways.out && !spec.from.empty()) {
    problems_.error(spec.from.front().position, of_type + "sends nothing out: it has no `from`");
  }
  if (!ways.answers && !spec.answers.empty()) {
    problems_.error(spec.answers_position, of_type + "has no way back for answers");
  }
}

/// The same for who reads from it; reports it if nothing comes in there.
bool Linter::comes_in(Node node, SourcePosition position) {
  if (!is_gateway(node)) return true;
  const auto& type = spec_.gateways[node - spec_.bees.size()].type;
  const auto* entry = gateways_.find(type);
  if (entry == nullptr || entry->description.directions.in) return true;
  problems_.error(position, "nothing comes in through gateway '" + name(node) + "': its type, '" + type +
                                "', only sends records out");
  return false;
}

void Linter::resolve_answers() {
  for (std::size_t index = 0; index < spec_.gateways.size(); ++index) {
    const auto& gateway = spec_.gateways[index];
    if (gateway.answers.empty()) {
      unknown_answers_ = unknown_answers_ || gateway.answers_position.line != 0;  // it could not be read
      continue;
    }
    if (const auto answer = find_answer(gateway)) {
      answers_.push_back({index, answer->first, answer->second});
    } else {
      unknown_answers_ = true;
    }
  }
}

std::optional<std::pair<Linter::Node, std::uint16_t>> Linter::find_answer(const GatewaySpec& gateway) {
  const auto position = gateway.answers_position;
  const auto dot = gateway.answers.find('.');
  const auto bee = find(gateway.answers.substr(0, dot), position);
  if (!bee) return std::nullopt;
  if (is_gateway(*bee)) {
    problems_.error(position, "'" + name(*bee) + "' is a gateway; answers come from a bee");
    return std::nullopt;
  }
  const auto port = find_port(*bee, dot == std::string::npos ? "default" : gateway.answers.substr(dot + 1), position);
  if (!port || !emits(*bee, *port, position, "it cannot answer")) return std::nullopt;
  return std::pair(*bee, *port);
}

}  // namespace skep
