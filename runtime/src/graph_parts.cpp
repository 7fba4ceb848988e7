#include "graph_parts.hpp"

#include "skep/actors/limits.hpp"

namespace skep {

namespace {

std::string edge_notes(const OutEdgeSettings& settings) {
  std::vector<std::string> notes;
  if (settings.route == Route::key) notes.emplace_back("by key");
  if (settings.route == Route::all) notes.emplace_back("to all");
  if (settings.window != limits::edge_window) notes.push_back("window " + std::to_string(settings.window));
  if (settings.window_bytes != limits::edge_window_bytes) {
    notes.push_back("window " + to_string(ByteSize{settings.window_bytes}));
  }
  if (settings.overflow == Overflow::drop_oldest) notes.emplace_back("drops oldest");
  if (settings.overflow == Overflow::drop_newest) notes.emplace_back("drops newest");
  return join(notes, ", ");
}

std::string bee_notes(const BeeSpec& bee) {
  const std::string size = bee.batch.size_max == 0 ? "" : std::to_string(bee.batch.size_max);
  const std::string delay = bee.batch.delay_max.count() == 0 ? "" : to_string(bee.batch.delay_max);
  const std::string batch = join({size, delay}, " or ");
  return join({batch.empty() ? "" : "batch " + batch, bee.execution == Execution::dedicated ? "own thread" : ""}, ", ");
}

/// Where a gateway's peer is, by the names that gateways use for it.
std::string peer(const OptionValue& options) {
  for (const auto* key : {"listen", "connect", "path"}) {
    const auto* value = options.find(key);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    if (text != nullptr) return *text;
  }
  return {};
}

}  // namespace

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const auto& word : words) {
    if (word.empty()) continue;
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

GraphParts::GraphParts(const SwarmSpec& spec, const PortTypes& types)
    : spec_(spec), types_(types), arrows_from_(size()) {
  for (std::size_t node = 0; node < size(); ++node) nodes_.emplace(name(node), node);
  for (std::size_t bee = 0; bee < spec.bees.size(); ++bee) add_edges(bee, spec.bees[bee].from);
  for (std::size_t node = spec.bees.size(); node < size(); ++node) add_edges(node, gateway(node).from);
  for (std::size_t node = spec.bees.size(); node < size(); ++node) add_answers(node);
}

void GraphParts::add_edges(std::size_t to, const std::vector<EdgeSpec>& edges) {
  for (const auto& edge : edges) {
    const auto from = nodes_.find(edge.from);
    if (from == nodes_.end()) continue;
    add({from->second, to, edge.port == "default" ? "" : edge.port,
         join({type_of(from->second, edge.port), edge_notes(edge.settings)}, ", ")});
  }
}

void GraphParts::add_answers(std::size_t node) {
  const auto& answers = gateway(node).answers;
  const auto dot = answers.find('.');
  const auto from = nodes_.find(std::string_view(answers).substr(0, dot));
  if (from == nodes_.end()) return;
  const std::string port = dot == std::string::npos ? "default" : answers.substr(dot + 1);
  add({from->second, node, port == "default" ? "" : port, type_of(from->second, port), true});
}

std::string GraphParts::type_of(std::size_t node, const std::string& port) const {
  const auto type = types_.find(is_gateway(node) ? name(node) : name(node) + "." + port);
  return type == types_.end() ? std::string() : type->second;
}

void GraphParts::add(GraphArrow arrow) {
  arrows_from_[arrow.from].push_back(arrows_.size());
  arrows_.push_back(std::move(arrow));
}

const std::string& GraphParts::name(std::size_t node) const {
  return is_gateway(node) ? gateway(node).name : spec_.bees[node].name;
}

std::string GraphParts::title(std::size_t node) const {
  const auto replicas = is_gateway(node) ? 1 : spec_.bees[node].replicas;
  return replicas == 1 ? name(node) : name(node) + " ×" + std::to_string(replicas);
}

const std::string& GraphParts::kind(std::size_t node) const {
  return is_gateway(node) ? gateway(node).type : spec_.bees[node].bee_class;
}

std::string GraphParts::notes(std::size_t node) const {
  return is_gateway(node) ? peer(gateway(node).options) : bee_notes(spec_.bees[node]);
}

}  // namespace skep
