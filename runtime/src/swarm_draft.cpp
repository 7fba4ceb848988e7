#include "skep/runtime/swarm_draft.hpp"

#include <stdexcept>
#include <utility>

#include "edge_reader.hpp"

namespace skep::detail {

namespace {

/// Also what is in it, in lists and tables.
void stand_at(OptionValue& value, SourcePosition position) {
  value.position = position;
  if (auto* list = std::get_if<OptionValue::Array>(&value.value)) {
    for (auto& element : *list) stand_at(element, position);
  } else if (auto* table = std::get_if<OptionValue::Table>(&value.value)) {
    for (auto& member : *table) {
      member.key_position = position;
      stand_at(member.value, position);
    }
  }
}

}  // namespace

SwarmDraft::SwarmDraft(std::string name, BeeRegistry& bees) : registry_(bees) {
  spec_.name = std::move(name);
}

SourcePosition SwarmDraft::mark(CodePlace place) {
  places_.push_back(place);
  return {static_cast<std::uint32_t>(places_.size()), 0};
}

std::size_t SwarmDraft::add_bee(std::string name, std::string bee_class, CodePlace place) {
  const auto position = mark(place);
  spec_.bees.push_back(
      {.name = std::move(name), .bee_class = std::move(bee_class), .position = position, .class_position = position});
  return spec_.bees.size() - 1;
}

std::size_t SwarmDraft::add_gateway(std::string name, std::string type, CodePlace place) {
  const auto position = mark(place);
  spec_.gateways.push_back(
      {.name = std::move(name), .type = std::move(type), .position = position, .type_position = position});
  return spec_.gateways.size() - 1;
}

void SwarmDraft::add_plugin(std::string name, std::string sha256, CodePlace place) {
  spec_.plugins.push_back({std::move(name), mark(place), std::move(sha256)});
}

void SwarmDraft::set_supervision(const SupervisorSettings& settings, CodePlace place) {
  spec_.supervision = settings;
  spec_.supervision.auto_shutdown = SupervisorSettings{}.auto_shutdown;  // no swarm has it otherwise
  spec_.supervision_position = mark(place);
}

std::string SwarmDraft::class_of(const std::type_info& type, const std::string& bee,
                                 void (*add)(BeeRegistry&, std::string), CodePlace place) {
  auto name = registry_.name_of(type);
  if (!name.empty()) return name;
  if (add == nullptr) {
    error(mark(place), "the class of bee '" + bee + "' is not registered, and is not built from its options alone",
          "add it to the registry, with what makes one");
    return {};
  }
  try {
    name = spec_.name + "." + bee;
    add(registry_, name);
    return name;
  } catch (const std::invalid_argument& refused) {
    error(mark(place), refused.what(), "register the class under a name of its own, before");
    return {};
  }
}

std::vector<EdgeSpec> SwarmDraft::own(std::vector<DraftEdge> edges, SourcePosition position) {
  std::vector<EdgeSpec> specs;
  for (auto& edge : edges) {
    if (edge.draft != this) {
      error(position, "'" + edge.spec.from + "' is of another swarm", "records cross swarms through gateways");
      edge.spec = unreadable_edge(position);
    }
    if (edge.spec.position.line == 0) edge.spec.position = position;
    specs.push_back(std::move(edge.spec));
  }
  return specs;
}

void SwarmDraft::feed_bee(std::size_t index, std::vector<DraftEdge> edges) {
  auto specs = own(std::move(edges), bee(index).position);
  auto& from = bee(index).from;
  from.insert(from.end(), std::make_move_iterator(specs.begin()), std::make_move_iterator(specs.end()));
}

void SwarmDraft::feed_gateway(std::size_t index, std::vector<DraftEdge> edges) {
  const auto position = gateway(index).position;
  auto specs = own(std::move(edges), position);
  if (specs.empty()) error(position, "nothing is sent to gateway '" + gateway(index).name + "'", "an empty vector?");
  auto& from = gateway(index).from;
  from.insert(from.end(), std::make_move_iterator(specs.begin()), std::make_move_iterator(specs.end()));
}

void SwarmDraft::answer(std::size_t index, const DraftAnswer& answer, CodePlace place) {
  auto& asked = gateway(index);
  const auto position = mark(place);
  if (answer.draft != this) {
    return error(position, "'" + answer.bee + "' is of another swarm", "it cannot answer here");
  }
  if (!asked.answers.empty()) {
    return error(position, "gateway '" + asked.name + "' has its answers from '" + asked.answers + "' already");
  }
  asked.answers = answer.port == EdgeSpec{}.port ? answer.bee : answer.bee + "." + answer.port;
  asked.answers_position = position;
}

void SwarmDraft::set_held(std::size_t index, HeldLimits held, CodePlace place) {
  bee(index).held = held;
  bee(index).held_position = mark(place);
}

void SwarmDraft::add_option(OptionValue& options, std::string key, OptionValue value, CodePlace place) {
  if (std::holds_alternative<std::monostate>(options.value)) options.value = OptionValue::Table{};
  const auto position = mark(place);
  stand_at(value, position);
  std::get<OptionValue::Table>(options.value).push_back({std::move(key), position, std::move(value)});
}

void SwarmDraft::add_options(OptionValue& options, const OptionValue& table, CodePlace place) {
  const auto* members = std::get_if<OptionValue::Table>(&table.value);
  if (members == nullptr && !std::holds_alternative<std::monostate>(table.value)) {
    return error(mark(place), "options are a table", "option_table({{\"key\", value}})");
  }
  if (members == nullptr) return;
  for (const auto& member : *members) add_option(options, member.key, member.value, place);
}

SwarmFile SwarmDraft::file() const {
  return {spec_, problems_, {}};
}

void SwarmDraft::error(SourcePosition position, std::string message, std::string suggestion) {
  problems_.push_back({Problem::Severity::error, {}, position, std::move(message), std::move(suggestion)});
}

void SwarmDraft::locate(SourcePosition& position) const {
  if (position.line == 0 || position.line > places_.size()) return;
  position = {places_[position.line - 1].line, 0};
}

void SwarmDraft::locate(Problem& problem) const {
  if (problem.position.line == 0 || problem.position.line > places_.size()) return;
  problem.file = places_[problem.position.line - 1].file;
  locate(problem.position);
}

void SwarmDraft::locate(OptionValue& value) const {
  locate(value.position);
  if (auto* list = std::get_if<OptionValue::Array>(&value.value)) {
    for (auto& element : *list) locate(element);
  } else if (auto* table = std::get_if<OptionValue::Table>(&value.value)) {
    for (auto& member : *table) {
      locate(member.key_position);
      locate(member.value);
    }
  }
}

void SwarmDraft::locate(std::vector<EdgeSpec>& edges) const {
  for (auto& edge : edges) locate(edge.position);
}

void SwarmDraft::locate(BeeSpec& bee) const {
  for (auto* position : {&bee.position, &bee.class_position, &bee.held_position, &bee.nodes_position})
    locate(*position);
  locate(bee.from);
  locate(bee.options);
}

void SwarmDraft::locate(GatewaySpec& gateway) const {
  for (auto* position :
       {&gateway.position, &gateway.type_position, &gateway.answers_position, &gateway.nodes_position}) {
    locate(*position);
  }
  locate(gateway.from);
  locate(gateway.options);
}

void SwarmDraft::locate(SwarmSpec& spec) const {
  for (auto& plugin : spec.plugins) locate(plugin.position);
  for (auto& bee : spec.bees) locate(bee);
  for (auto& gateway : spec.gateways) locate(gateway);
  locate(spec.supervision_position);
}

}  // namespace skep::detail
