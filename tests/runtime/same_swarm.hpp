#pragma once
// Whether two swarms say the same, wherever their parts stand: says which part does not.

#include <gtest/gtest.h>

#include "skep/actors/option_literal.hpp"
#include "skep/runtime/swarm_spec.hpp"

namespace skep {

/// An empty table of options says what none does.
inline bool same_options(const OptionValue& a, const OptionValue& b) {
  const auto is_empty = [](const OptionValue& value) {
    const auto* table = std::get_if<OptionValue::Table>(&value.value);
    return std::holds_alternative<std::monostate>(value.value) || (table != nullptr && table->empty());
  };
  return same_value(a, b) || (is_empty(a) && is_empty(b));
}

inline bool same_edges(const std::vector<EdgeSpec>& a, const std::vector<EdgeSpec>& b) {
  return std::ranges::equal(a, b, [](const EdgeSpec& one, const EdgeSpec& other) {
    const auto &x = one.settings, &y = other.settings;
    return one.from == other.from && one.port == other.port && x.route == y.route && x.overflow == y.overflow &&
           x.window == y.window && x.window_bytes == y.window_bytes;
  });
}

inline bool same_bee(const BeeSpec& a, const BeeSpec& b) {
  return a.name == b.name && a.bee_class == b.bee_class && same_edges(a.from, b.from) && a.replicas == b.replicas &&
         a.batch == b.batch && a.held == b.held && a.execution == b.execution && a.restart == b.restart &&
         a.callback_time_max == b.callback_time_max && a.nodes == b.nodes && same_options(a.options, b.options);
}

inline bool same_gateway(const GatewaySpec& a, const GatewaySpec& b) {
  return a.name == b.name && a.type == b.type && same_edges(a.from, b.from) && a.answers == b.answers &&
         a.nodes == b.nodes && same_options(a.options, b.options);
}

inline ::testing::AssertionResult same_swarm(const SwarmSpec& a, const SwarmSpec& b) {
  const auto differ = [](const std::string& in) { return ::testing::AssertionFailure() << "they differ in " << in; };
  if (a.name != b.name || a.delivery != b.delivery) return differ("name or delivery");
  const auto same_plugin = [](const PluginSpec& one, const PluginSpec& other) {
    return one.name == other.name && one.sha256 == other.sha256;
  };
  if (!std::ranges::equal(a.plugins, b.plugins, same_plugin)) return differ("plug-ins");
  const auto &x = a.supervision, &y = b.supervision;
  if (x.strategy != y.strategy || x.intensity != y.intensity || x.period != y.period) return differ("supervision");
  const auto &one = a.dead_letters, &other = b.dead_letters;
  if (one.records_max != other.records_max || one.bytes_max != other.bytes_max) return differ("dead letters");
  if (a.bees.size() != b.bees.size() || a.gateways.size() != b.gateways.size()) return differ("numbers");
  for (std::size_t i = 0; i < a.bees.size(); ++i) {
    if (!same_bee(a.bees[i], b.bees[i])) return differ("bee '" + a.bees[i].name + "'");
  }
  for (std::size_t i = 0; i < a.gateways.size(); ++i) {
    if (!same_gateway(a.gateways[i], b.gateways[i])) return differ("gateway '" + a.gateways[i].name + "'");
  }
  return ::testing::AssertionSuccess();
}

}  // namespace skep
