#include "catalog_text.hpp"

#include <algorithm>

#include "skep/runtime/plugin_manifest.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/json.hpp"

namespace skep::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string inputs_of(const BeeDescription& bee) {
  std::vector<std::string> kinds;
  for (const auto kind : bee.inputs) {
    const bool typed = kind == ContentKind::capnp && bee.input_type;
    kinds.push_back(typed ? bee.input_type.name : std::string(to_string(kind)));
  }
  return kinds.empty() ? "any" : joined(kinds);
}

std::string outputs_of(const BeeDescription& bee) {
  std::vector<std::string> names;
  for (const auto& port : bee.outputs) {
    const auto type = port.type ? " " + port.type.name : std::string();
    if (port.emits) names.push_back(port.name + type + (port.side ? " (side)" : ""));
  }
  for (const auto& port : bee.outputs_by_options) {
    const auto name = port.names_from.empty() ? port.name : "each of '" + port.names_from + "'";
    names.push_back(name + (port.side ? " (side, by options)" : " (by options)"));
  }
  return names.empty() ? "nothing" : joined(names);
}

/// "in, with answers; out"
std::string ways_of(const GatewayDescription& gateway) {
  const auto& ways = gateway.directions;
  std::string text = ways.in ? "in" : "";
  if (ways.answers) text += ", with answers";
  if (ways.out) text += text.empty() ? "out" : "; out";
  return text;
}

/// "required; 1 to 4; what it is", from what there is to say.
std::string said_of(const OptionDescription& option) {
  const auto fallback = option.default_value.empty() ? "" : "default " + option.default_value;
  std::string text;
  for (const auto& part :
       {option.rules.required ? std::string("required") : fallback, rules_text(option), option.doc}) {
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  }
  return printable(text);  // a manifest's texts are a stranger's
}

void add_options(std::string& text, const std::vector<OptionDescription>& all) {
  std::size_t name_width = 0, type_width = 0;
  for (const auto& option : all) {
    name_width = std::max(name_width, printable(option.name).size());
    type_width = std::max(type_width, printable(option.type).size());
  }
  for (const auto& option : all) {
    const auto padded = [](std::string word, std::size_t width) { return word.append(width + 2 - word.size(), ' '); };
    text += "    " + padded(printable(option.name), name_width) + padded(printable(option.type), type_width);
    text += said_of(option) + '\n';
  }
}

}  // namespace

std::string as_text(const CatalogView& catalog) {
  std::string text = "bees\n";
  for (const auto* bee : catalog.bees) {
    text += "  " + printable(bee->name) + (bee->summary.empty() ? "" : "  " + printable(bee->summary)) +
            "\n    in: " + printable(inputs_of(*bee)) + "; out: " + printable(outputs_of(*bee)) +
            (bee->holds_records ? "; holds records\n" : "\n");
    add_options(text, bee->options);
  }
  text += "gateways\n";
  for (const auto* gateway : catalog.gateways) {
    text += "  " + printable(gateway->type) + "  " + printable(gateway->summary) + "\n    " + ways_of(*gateway) + '\n';
    add_options(text, gateway->options);
  }
  return text;
}

std::string as_json(const CatalogView& catalog) {
  JsonWriter json;
  json.begin_object().key("bees").begin_array();
  for (const auto* bee : catalog.bees) write_json(json, *bee);
  json.end_array().key("gateways").begin_array();
  for (const auto* gateway : catalog.gateways) {
    write_json(json, *gateway);
  }
  json.end_array().end_object();
  return json.take() + '\n';
}

}  // namespace skep::cli
