#include "swarm_document.hpp"

#include <algorithm>
#include <array>

#include "skep/actors/option_literal.hpp"
#include "skep/actors/routing.hpp"

namespace skep {

namespace {

std::string_view text_of(Execution execution) {
  return execution == Execution::shared ? "shared" : "dedicated";
}

std::string_view text_of(Delivery delivery) {
  return delivery == Delivery::at_most_once ? "at_most_once" : "at_least_once";
}

std::string_view text_of(Restart restart) {
  constexpr std::array<std::string_view, 3> words{"permanent", "transient", "temporary"};
  return words.at(static_cast<std::size_t>(restart));
}

std::string_view text_of(Strategy strategy) {
  constexpr std::array<std::string_view, 3> words{"one_for_one", "one_for_all", "rest_for_one"};
  return words.at(static_cast<std::size_t>(strategy));
}

/// A table that fills key by key.
class Keys {
 public:
  explicit Keys(Defaults defaults) : defaults_(defaults) {}

  void add(std::string key, OptionLiteral literal) {
    keys_.push_back({std::move(key), {}, std::move(literal).value()});
  }
  /// A setting: where it is as by default, only if defaults are written.
  template <class T>
  void add(std::string key, const T& value, const T& by_default, OptionLiteral literal) {
    if (defaults_ == Defaults::write || !(value == by_default)) add(std::move(key), std::move(literal));
  }
  /// Nothing where the table has no keys.
  void add_table(std::string key, OptionValue table) {
    const auto* members = std::get_if<OptionValue::Table>(&table.value);
    if (members != nullptr && !members->empty()) add(std::move(key), std::move(table));
  }
  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
  [[nodiscard]] OptionValue take() && { return {std::move(keys_), {}}; }

 private:
  Defaults defaults_;
  OptionValue::Table keys_;
};

ByteSize size(std::uint64_t bytes) {
  return {bytes};
}

OptionValue edge(const EdgeSpec& edge, Defaults defaults) {
  const auto& settings = edge.settings;
  const OutEdgeSettings usual;
  const auto sender = edge.port == EdgeSpec{}.port ? edge.from : edge.from + "." + edge.port;
  Keys keys(defaults);
  keys.add("route", settings.route, usual.route, to_string(settings.route));
  keys.add("window", settings.window, usual.window, settings.window);
  keys.add("window_bytes", settings.window_bytes, usual.window_bytes, size(settings.window_bytes));
  keys.add("overflow", settings.overflow, usual.overflow, to_string(settings.overflow));
  if (keys.empty()) return {sender, {}};
  auto table = std::move(keys).take();
  auto& members = std::get<OptionValue::Table>(table.value);
  members.insert(members.begin(), {"bee", {}, {sender, {}}});
  return table;
}

void add_edges(Keys& keys, const std::vector<EdgeSpec>& edges, Defaults defaults) {
  OptionValue::Array list;
  for (const auto& each : edges) list.push_back(edge(each, defaults));
  if (list.size() == 1) {
    keys.add("from", std::move(list.front()));
  } else if (!list.empty()) {
    keys.add("from", OptionValue{std::move(list), {}});
  }
}

OptionValue gateway(const GatewaySpec& spec, Defaults defaults) {
  Keys keys(defaults);
  keys.add("type", spec.type);
  if (!spec.answers.empty()) keys.add("answers", spec.answers);
  add_edges(keys, spec.from, defaults);
  if (!spec.nodes.empty()) keys.add("nodes", spec.nodes);
  auto table = std::move(keys).take();
  if (const auto* options = std::get_if<OptionValue::Table>(&spec.options.value)) {
    auto& members = std::get<OptionValue::Table>(table.value);
    members.insert(members.end(), options->begin(), options->end());
  }
  return table;
}

OptionValue batch(const BatchSettings& batch, Defaults defaults) {
  const BatchSettings usual;
  Keys keys(defaults);
  if (batch.size_max != usual.size_max) keys.add("size_max", batch.size_max);  // no file can say the default
  keys.add("delay_max", batch.delay_max, usual.delay_max, batch.delay_max);
  return std::move(keys).take();
}

OptionValue bee(const BeeSpec& spec, Defaults defaults) {
  const BeeSpec usual;
  Keys keys(defaults);
  keys.add("class", spec.bee_class);
  add_edges(keys, spec.from, defaults);
  keys.add("replicas", spec.replicas, usual.replicas, spec.replicas);
  keys.add_table("batch", batch(spec.batch, defaults));
  keys.add("execution", spec.execution, usual.execution, text_of(spec.execution));
  keys.add("restart", spec.restart, usual.restart, text_of(spec.restart));
  // Lint refuses these, by default too, where a class holds no records.
  if (spec.held.records_max != usual.held.records_max) {
    keys.add("held_records_max", static_cast<std::int64_t>(spec.held.records_max));
  }
  if (spec.held.bytes_max != usual.held.bytes_max) keys.add("held_bytes_max", size(spec.held.bytes_max));
  if (spec.callback_time_max) keys.add("callback_time_max", *spec.callback_time_max);
  if (!spec.nodes.empty()) keys.add("nodes", spec.nodes);
  keys.add_table("options", spec.options);
  return std::move(keys).take();
}

OptionValue plugins(const std::vector<PluginSpec>& plugins) {
  OptionValue::Array list;
  for (const auto& plugin : plugins) {
    list.push_back(plugin.sha256.empty() ? OptionValue{plugin.name, {}}
                                         : option_table({{"name", plugin.name}, {"sha256", plugin.sha256}}));
  }
  return {std::move(list), {}};
}

OptionValue supervision(const SupervisorSettings& settings, Defaults defaults) {
  const SupervisorSettings usual;
  Keys keys(defaults);
  keys.add("strategy", settings.strategy, usual.strategy, text_of(settings.strategy));
  keys.add("intensity", settings.intensity, usual.intensity, settings.intensity);
  keys.add("period", settings.period, usual.period, settings.period);
  return std::move(keys).take();
}

OptionValue dead_letters(const DeadLetterSettings& settings, Defaults defaults) {
  const DeadLetterSettings usual;
  Keys keys(defaults);
  keys.add("records_max", settings.records_max, usual.records_max, static_cast<std::int64_t>(settings.records_max));
  keys.add("bytes_max", settings.bytes_max, usual.bytes_max, size(settings.bytes_max));
  return std::move(keys).take();
}

}  // namespace

OptionValue swarm_document(const SwarmSpec& spec, Defaults defaults) {
  Keys root(defaults), gateways(defaults), bees(defaults);
  for (const auto& each : spec.gateways) gateways.add(each.name, gateway(each, defaults));
  for (const auto& each : spec.bees) bees.add(each.name, bee(each, defaults));
  root.add("name", spec.name);
  if (!spec.plugins.empty()) root.add("plugins", plugins(spec.plugins));
  root.add("delivery", spec.delivery, Delivery::at_most_once, text_of(spec.delivery));
  root.add_table("gateways", std::move(gateways).take());
  root.add_table("bees", std::move(bees).take());
  root.add_table("supervision", supervision(spec.supervision, defaults));
  root.add_table("dead_letters", dead_letters(spec.dead_letters, defaults));
  return std::move(root).take();
}

}  // namespace skep
