#include "edge_reader.hpp"

#include "skep/actors/limits.hpp"
#include "table_reader.hpp"

namespace skep {

namespace {

std::optional<Route> to_route(std::string_view text) {
  return route_from(text);
}
std::optional<Overflow> to_overflow(std::string_view text) {
  return overflow_from(text);
}

/// "bee" or "bee.port".
EdgeSpec named_edge(std::string_view sender, SourcePosition position, ProblemList& problems) {
  const auto dot = sender.find('.');
  EdgeSpec edge{.from = std::string(sender.substr(0, dot)), .position = position};
  if (dot != std::string_view::npos) edge.port = sender.substr(dot + 1);
  if (edge.from.empty() || edge.port.empty()) {
    problems.error(position, "'" + std::string(sender) + "' does not name a bee or gateway",
                   "write \"bee\" or \"bee.port\"");
    return unreadable_edge(position);
  }
  return edge;
}

EdgeSpec table_edge(const OptionValue& value, ProblemList& problems) {
  TableReader reader(value, "an edge", value.position, problems);
  EdgeSpec edge = unreadable_edge(value.position);
  if (const auto* bee = reader.require("bee", "\"...\"")) {
    if (const auto name = reader.text("bee")) edge = named_edge(*name, bee->value.position, problems);
  }
  const bool port_in_name = edge.port != EdgeSpec{}.port;
  if (const auto port = reader.text("port")) {
    if (port_in_name)
      problems.error(value.find("port")->position, "two ports: '" + edge.port + "' and '" + *port + "'");
    edge.port = *port;
  }
  auto& settings = edge.settings;
  settings.route = reader.choice("route", {"any", "key", "all"}, to_route).value_or(settings.route);
  settings.overflow =
      reader.choice("overflow", {"block", "drop_oldest", "drop_newest"}, to_overflow).value_or(settings.overflow);
  settings.window = reader.count("window", 1, limits::edge_window_max).value_or(settings.window);
  settings.window_bytes = reader.bytes("window_bytes").value_or(settings.window_bytes);
  reader.report_unknown_keys();
  return edge;
}

EdgeSpec read_edge(const OptionValue& value, ProblemList& problems) {
  if (const auto* name = std::get_if<std::string>(&value.value)) return named_edge(*name, value.position, problems);
  if (std::holds_alternative<OptionValue::Table>(value.value)) return table_edge(value, problems);
  report_type(value, "the name of a bee or gateway", problems);
  return unreadable_edge(value.position);
}

}  // namespace

EdgeSpec unreadable_edge(SourcePosition position) {
  return {.from = "", .position = position};
}

std::vector<EdgeSpec> read_edges(const OptionValue& value, ProblemList& problems) {
  const auto* list = std::get_if<OptionValue::Array>(&value.value);
  if (list == nullptr) return {read_edge(value, problems)};
  std::vector<EdgeSpec> edges;
  for (const auto& element : *list) edges.push_back(read_edge(element, problems));
  if (!edges.empty()) return edges;
  problems.error(value.position, "an empty list of senders", "name a bee or a gateway");
  return {unreadable_edge(value.position)};
}

}  // namespace skep
