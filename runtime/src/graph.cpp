#include "skep/runtime/graph.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "graph_parts.hpp"
#include "skep/runtime/printable.hpp"

namespace skep {

namespace {

/// A string literal of DOT. Its labels break lines at "\n".
std::string dot_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string dot_label(const std::vector<std::string>& lines) {
  std::string label;
  for (const auto& line : lines) {
    if (line.empty()) continue;
    const auto quoted = dot_string(line);
    if (!label.empty()) label += "\\n";
    label += quoted.substr(1, quoted.size() - 2);
  }
  return "\"" + label + "\"";
}

std::string draw_dot(const SwarmSpec& spec, const PortTypes& types) {
  const GraphParts parts(spec, types);
  std::string text = "digraph " + dot_string(spec.name) + " {\n  rankdir=LR;\n  node [shape=box];\n";
  for (std::size_t node = 0; node < parts.size(); ++node) {
    text += "  " + dot_string(parts.name(node)) + " [";
    if (parts.is_gateway(node)) text += "style=rounded, ";
    text += "label=" + dot_label({parts.title(node), parts.kind(node), parts.notes(node)}) + "];\n";
  }
  for (const auto& arrow : parts.arrows()) {
    text += "  " + dot_string(parts.name(arrow.from)) + " -> " + dot_string(parts.name(arrow.to));
    const std::string label = join({arrow.port, arrow.notes, arrow.answer ? "answers" : ""}, ", ");
    if (arrow.answer) {
      text += " [style=dashed, constraint=false, label=" + dot_string(label) + "]";
    } else if (!label.empty()) {
      text += " [label=" + dot_string(label) + "]";
    }
    text += ";\n";
  }
  return text + "}\n";
}

/// Words that Mermaid takes for its own where a node's id should be.
std::string mermaid_id(const std::string& name) {
  static constexpr std::array<std::string_view, 9> reserved{"call",      "class", "click", "default", "end",
                                                            "flowchart", "graph", "style", "subgraph"};
  return std::ranges::find(reserved, name) == reserved.end() ? name : name + "_";
}

std::string mermaid_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (std::string_view("\"<>&#").find(c) == std::string_view::npos) {
      escaped += c;
    } else {
      escaped += "#" + std::to_string(static_cast<int>(c)) + ";";
    }
  }
  return escaped;
}

std::string draw_mermaid(const SwarmSpec& spec, const PortTypes& types) {
  const GraphParts parts(spec, types);
  std::string text = "flowchart LR\n";
  for (std::size_t node = 0; node < parts.size(); ++node) {
    const bool gateway = parts.is_gateway(node);
    const std::string label = join(
        {mermaid_text(parts.title(node)), mermaid_text(parts.kind(node)), mermaid_text(parts.notes(node))}, "<br/>");
    text +=
        "  " + mermaid_id(parts.name(node)) + (gateway ? "([\"" : "[\"") + label + (gateway ? "\"])" : "\"]") + "\n";
  }
  for (const auto& arrow : parts.arrows()) {
    const std::string label = mermaid_text(join({arrow.port, arrow.notes, arrow.answer ? "answers" : ""}, ", "));
    text += "  " + mermaid_id(parts.name(arrow.from)) + (arrow.answer ? " -.->" : " -->");
    text += (label.empty() ? " " : "|\"" + label + "\"| ") + mermaid_id(parts.name(arrow.to)) + "\n";
  }
  return text;
}

}  // namespace

std::optional<GraphForm> graph_form_from(std::string_view name) noexcept {
  if (name == "text") return GraphForm::text;
  if (name == "dot") return GraphForm::dot;
  if (name == "mermaid") return GraphForm::mermaid;
  return std::nullopt;
}

PortTypes port_types(const SwarmPlan& plan) {
  PortTypes types;
  for (const auto& bee : plan.bees) {
    for (const auto& port : bee.configured.outputs) {
      if (port.type) types[bee.spec.name + "." + port.name] = port.type.name;
    }
  }
  for (const auto& gateway : plan.gateways) {
    if (gateway.input_type) types[gateway.spec.name] = gateway.input_type.name;
  }
  for (const auto& edge : plan.edges) {
    if (!edge.type || edge.from >= plan.bees.size()) continue;
    const auto& bee = plan.bees[edge.from];
    types[bee.spec.name + "." + bee.configured.outputs[edge.port].name] = edge.type.name;
  }
  return types;
}

std::string draw(const SwarmSpec& spec, GraphForm form, const PortTypes& types) {
  switch (form) {
    case GraphForm::dot:
      return draw_dot(spec, types);
    case GraphForm::mermaid:
      return draw_mermaid(spec, types);
    case GraphForm::text:
      break;
  }
  return draw_text(spec, types);
}

}  // namespace skep
