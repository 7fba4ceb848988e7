// What the reader of a file reports itself, for a spec that was made in code: what cannot be said in a file is wrong
// here, too.

#include <algorithm>
#include <array>
#include <limits>

#include "label_reader.hpp"
#include "linter.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/framing.hpp"
#include "supervision_reader.hpp"
#include "table_reader.hpp"

namespace skep {

namespace {

constexpr std::array<std::string_view, 4> gateway_keys{"type", "answers", "from", "nodes"};

constexpr auto bytes_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

}  // namespace

void Linter::check_form() {
  if (!spec_.file.empty() || gaps_.lines) return;
  if (nodes() == 0) problems_.error({}, "the swarm has neither bees nor gateways");
  check_names();
  check_plugins();
  for (const auto& bee : spec_.bees) check_bee_form(bee);
  for (const auto& gateway : spec_.gateways) check_gateway_form(gateway);
  check_swarm_settings();
}

void Linter::check_names() {
  check_name(spec_.name, "a swarm", {}, problems_);
  for (Node node = 0; node < nodes(); ++node) {
    const auto at = is_gateway(node) ? spec_.gateways[node - spec_.bees.size()].position : spec_.bees[node].position;
    check_name(name(node), is_gateway(node) ? "a gateway" : "a bee", at, problems_);
    if (names_.at(name(node)) != node) problems_.error(at, "'" + name(node) + "' is there twice");
  }
}

void Linter::check_plugins() {
  for (const auto& plugin : spec_.plugins) {
    check_name(plugin.name, "a plug-in", plugin.position, problems_);
    if (plugin.sha256.empty() || is_sha256(plugin.sha256)) continue;
    problems_.error(plugin.position, "'sha256' is 64 hex digits", "sha256sum prints them");
  }
}

void Linter::check_bee_form(const BeeSpec& bee) {
  const auto at = bee.position;
  const auto of_bee = "bee '" + bee.name + "'";
  if (bee.bee_class.empty()) problems_.error(bee.class_position, of_bee + " has no class");
  if (bee.from.empty()) problems_.error(at, "nothing reaches " + of_bee + ": it reads from nowhere");
  if (bee.replicas == 0 || bee.replicas > limits::replicas_max) {
    problems_.error(at, of_bee + " has " + std::to_string(bee.replicas) + " replicas",
                    "from 1 to " + std::to_string(limits::replicas_max));
  }
  check_count(at, of_bee + ": held_records_max", bee.held.records_max, 1, limits::held_records_most);
  if (bee.held.bytes_max > bytes_most) check_bytes(at, of_bee + ": held_bytes_max", bee.held.bytes_max);
  if (bee.batch.size_max != 0) {
    check_count(at, of_bee + ": batch.size_max", bee.batch.size_max, 1, limits::batch_size_max);
  }
  check_time(at, of_bee + ": batch.delay_max", bee.batch.delay_max, limits::batch_delay_max);
  if (bee.callback_time_max) {
    check_time(at, of_bee + ": callback_time_max", *bee.callback_time_max, limits::node_callback_time_max);
  }
  check_edges_form(bee.from, of_bee);
  check_labels(bee.nodes, of_bee + ": nodes", bee.nodes_position, problems_);
  check_values(bee.options, of_bee, 0);
}

void Linter::check_gateway_form(const GatewaySpec& gateway) {
  const auto of_gateway = "gateway '" + gateway.name + "'";
  if (gateway.type.empty()) problems_.error(gateway.type_position, of_gateway + " has no type");
  check_edges_form(gateway.from, of_gateway);
  check_labels(gateway.nodes, of_gateway + ": nodes", gateway.nodes_position, problems_);
  check_values(gateway.options, of_gateway, 0);
  const auto* options = std::get_if<OptionValue::Table>(&gateway.options.value);
  if (options == nullptr) return;
  refuse_supervision_keys(*options, problems_);
  for (const auto& option : *options) {
    if (std::ranges::find(gateway_keys, option.key) == gateway_keys.end()) continue;
    problems_.error(option.key_position, of_gateway + " has '" + option.key + "' among its options",
                    "it is the swarm's to say, not the gateway's");
  }
}

void Linter::check_edges_form(const std::vector<EdgeSpec>& edges, const std::string& of) {
  for (const auto& edge : edges) {
    const auto of_edge = of + ": its edge from '" + edge.from + "': ";
    check_count(edge.position, of_edge + "window", edge.settings.window, 1, limits::edge_window_max);
    check_bytes(edge.position, of_edge + "window_bytes", edge.settings.window_bytes);
  }
}

void Linter::check_swarm_settings() {
  const auto at = spec_.supervision_position;
  const auto& supervision = spec_.supervision;
  check_count(at, "supervision.intensity", supervision.intensity, 0, limits::restart_intensity_max);
  if (supervision.period <= std::chrono::nanoseconds::zero() || supervision.period > limits::restart_period_max) {
    problems_.error(at, "supervision.period is " + to_string(supervision.period),
                    "above 0s, at most " + to_string(limits::restart_period_max));
  }
  check_count({}, "dead_letters.records_max", spec_.dead_letters.records_max, 0, limits::dead_letter_records_max);
  if (spec_.dead_letters.bytes_max > bytes_most) {
    check_bytes({}, "dead_letters.bytes_max", spec_.dead_letters.bytes_max);
  }
}

void Linter::check_count(SourcePosition position, const std::string& what, std::uint64_t value, std::uint64_t min,
                         std::uint64_t max) {
  if (value >= min && value <= max) return;
  problems_.error(position, what + " is " + std::to_string(value),
                  "from " + std::to_string(min) + " to " + std::to_string(max));
}

void Linter::check_bytes(SourcePosition position, const std::string& what, std::uint64_t bytes) {
  if (bytes == 0) return problems_.error(position, what + " is 0", "at least 1");
  if (bytes > bytes_most)
    problems_.error(position, what + " is " + std::to_string(bytes), "more than any file can say");
}

void Linter::check_time(SourcePosition position, const std::string& what, std::chrono::nanoseconds time,
                        std::chrono::nanoseconds max) {
  if (time >= std::chrono::nanoseconds::zero() && time <= max) return;
  problems_.error(position, what + " is " + to_string(time), "from 0s to " + to_string(max));
}

/// Texts, keys and nesting of options.
void Linter::check_values(const OptionValue& value, const std::string& of, std::size_t depth) {
  if (depth > limits::file_nesting_max) {
    return problems_.error(value.position, of + " has options of more than " +
                                               std::to_string(limits::file_nesting_max) + " lists in each other");
  }
  const auto check_text = [&](const std::string& text) {
    if (text.find('\0') != std::string::npos) {
      problems_.error(value.position, of + " has a text with U+0000 in it",
                      "whoever opens or resolves it would stop there");
    } else if (!is_utf8(text)) {
      problems_.error(value.position, of + " has a text that is not UTF-8");
    }
  };
  if (const auto* text = std::get_if<std::string>(&value.value)) return check_text(*text);
  if (const auto* list = std::get_if<OptionValue::Array>(&value.value)) {
    for (const auto& element : *list) check_values(element, of, depth + 1);
  } else if (const auto* table = std::get_if<OptionValue::Table>(&value.value)) {
    std::set<std::string_view> keys;
    for (const auto& member : *table) {
      check_text(member.key);
      if (!keys.insert(member.key).second) {
        problems_.error(member.key_position, of + " has '" + member.key + "' twice among its options");
      }
      check_values(member.value, of, depth + 1);
    }
  }
}

}  // namespace skep
