#include "skep/runtime/swarm_writer.hpp"

#include <cmath>

#include "problem_list.hpp"
#include "skep/actors/option_literal.hpp"
#include "skep/serialization/json.hpp"
#include "swarm_document.hpp"
#include "toml_document.hpp"
#include "toml_text.hpp"

namespace skep {

namespace {

struct JsonText {
  JsonWriter& json;

  void operator()(std::monostate) const { json.null(); }
  void operator()(bool truth) const { json.value(truth); }
  void operator()(std::int64_t number) const { json.value(number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      json.value(number);
    } else {
      json.value(std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
    }
  }
  void operator()(const std::string& text) const { json.value(text); }
  void operator()(const OptionValue::Array& list) const {
    json.begin_array();
    for (const auto& element : list) std::visit(*this, element.value);
    json.end_array();
  }
  void operator()(const OptionValue::Table& table) const {
    json.begin_object();
    for (const auto& member : table) {
      json.key(member.key);
      std::visit(*this, member.value.value);
    }
    json.end_object();
  }
};

/// What an option is by default, as a file would say it; nothing where no file can.
std::optional<OptionValue> default_of(const OptionDescription& option) {
  if (option.default_value.empty()) return std::nullopt;
  ProblemList ignored("");
  const auto document = parse_toml("value = " + option.default_value, ignored);
  const auto* value = document ? document->find("value") : nullptr;
  return value == nullptr ? std::nullopt : std::optional(*value);
}

/// `configure` says whether an option may be written as it is by default: some stand for "not said".
template <class Configure>
void add_defaults(OptionValue& options, const std::vector<OptionDescription>& described, const Configure& configure) {
  if (std::holds_alternative<std::monostate>(options.value)) options.value = OptionValue::Table{};
  auto* table = std::get_if<OptionValue::Table>(&options.value);
  if (table == nullptr) return;
  auto problems = configure(options, SourcePosition{}).problems.size();
  for (const auto& option : described) {
    if (options.find(option.name) != nullptr) continue;
    auto value = default_of(option);
    if (!value) continue;
    table->push_back({option.name, {}, std::move(*value)});
    if (configure(options, SourcePosition{}).problems.size() > problems) table->pop_back();
  }
}

void remove_defaults(OptionValue& options, const std::vector<OptionDescription>& described) {
  auto* table = std::get_if<OptionValue::Table>(&options.value);
  if (table == nullptr) return;
  for (const auto& option : described) {
    const auto value = option.rules.required ? std::nullopt : default_of(option);
    if (!value) continue;
    std::erase_if(*table, [&](const OptionValue::Member& member) {
      return member.key == option.name && same_value(member.value, *value);
    });
  }
}

/// Calls `change(options, entry)` for each bee and gateway whose class or type is known.
template <class Change>
void for_each_options(SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways, Change change) {
  for (auto& bee : spec.bees) {
    if (const auto* entry = bees.find(bee.bee_class)) change(bee.options, *entry);
  }
  for (auto& gateway : spec.gateways) {
    if (const auto* entry = gateways.find(gateway.type)) change(gateway.options, *entry);
  }
}

}  // namespace

std::string to_toml(const SwarmSpec& spec, Defaults defaults) {
  return toml_text(swarm_document(spec, defaults));
}

std::string to_json(const SwarmSpec& spec, Defaults defaults) {
  JsonWriter json;
  std::visit(JsonText{json}, swarm_document(spec, defaults).value);
  return json.take();
}

SwarmSpec with_option_defaults(SwarmSpec spec, const BeeRegistry& bees, const GatewayRegistry& gateways) {
  for_each_options(spec, bees, gateways, [](OptionValue& options, const auto& entry) {
    add_defaults(options, entry.description.options, entry.configure);
  });
  return spec;
}

SwarmSpec without_option_defaults(SwarmSpec spec, const BeeRegistry& bees, const GatewayRegistry& gateways) {
  for_each_options(spec, bees, gateways, [](OptionValue& options, const auto& entry) {
    remove_defaults(options, entry.description.options);
  });
  return spec;
}

}  // namespace skep
