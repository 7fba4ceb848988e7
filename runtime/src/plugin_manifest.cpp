#include "skep/runtime/plugin_manifest.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "elf_section.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/base64.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

// Out.

std::string number(double value) {
  JsonWriter json;
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    json.value(static_cast<std::int64_t>(value));
  } else {
    json.value(value);
  }
  return json.take();
}

std::string hex(std::uint64_t value) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

void write_rules(JsonWriter& json, const OptionRules& rules) {
  json.key("required").value(rules.required);
  if (rules.min) json.key("min").raw(number(*rules.min));
  if (rules.max) json.key("max").raw(number(*rules.max));
  if (rules.one_of.empty()) return;
  json.key("one_of").begin_array();
  for (const auto& word : rules.one_of) json.value(word);
  json.end_array();
}

void write_option(JsonWriter& json, const OptionDescription& option) {
  json.begin_object().key("name").value(option.name).key("type").value(option.type);
  if (!option.rules.required) json.key("default").value(option.default_value);
  write_rules(json, option.rules);
  json.key("doc").value(option.doc).end_object();
}

/// `"payload": {"id": "0x...", "name": "Reading"}`
void write_type(JsonWriter& json, const PayloadType& type) {
  if (!type) return;
  json.key("payload").begin_object().key("id").value(hex(type.id)).key("name").value(type.name).end_object();
}

void write_schemas(JsonWriter& json, const std::vector<SchemaNode>& schemas) {
  json.key("schemas").begin_array();
  for (const auto& node : schemas) {
    const auto bytes = std::as_bytes(std::span(node.bytes));
    json.begin_object().key("id").value(hex(node.id)).key("node").value(to_base64(bytes)).end_object();
  }
  json.end_array();
}

void write_output(JsonWriter& json, const PortDescription& port, bool by_options) {
  if (!port.emits) return;
  const bool many = !port.names_from.empty();
  json.begin_object().key(many ? "names_from" : "name").value(many ? port.names_from : port.name);
  json.key("doc").value(port.doc).key("side").value(port.side).key("by_options").value(by_options);
  write_type(json, port.type);
  json.end_object();
}

// In.

/// A place in a document: "$.bees[3]".
class At {
 public:
  At(const JsonDocument& json, std::string path) : json_(json), path_(std::move(path)) {}

  [[nodiscard]] At operator[](std::string_view key) const { return {json_, path_ + "." + std::string(key)}; }
  [[nodiscard]] At operator[](std::size_t index) const { return {json_, path_ + "[" + std::to_string(index) + "]"}; }
  [[nodiscard]] bool is_there() const { return json_.has(path_); }

  [[nodiscard]] std::string text() const {
    const auto text = json_.string(path_);
    if (!text) throw BadRecord("no text at " + path_);
    return std::string(*text);
  }
  [[nodiscard]] bool truth() const {
    const auto truth = json_.boolean(path_);
    if (!truth) throw BadRecord("no boolean at " + path_);
    return *truth;
  }
  [[nodiscard]] std::optional<double> number_or_nothing() const {
    if (!is_there()) return std::nullopt;
    const auto number = json_.number(path_);
    if (!number) throw BadRecord("no number at " + path_);
    return number;
  }
  /// Calls `read` with each element of a list that may be missing.
  template <class Read>
  void each(std::size_t max, const char* limit, Read read) const {
    for (std::size_t i = 0; (*this)[i].is_there(); ++i) {
      if (i == max) throw BadRecord("more than " + std::to_string(max) + " at " + path_ + " (" + limit + ")");
      read((*this)[i]);
    }
  }

 private:
  const JsonDocument& json_;
  std::string path_;
};

ContentKind kind_at(const At& at) {
  const auto name = at.text();
  for (const auto kind : {ContentKind::raw, ContentKind::json, ContentKind::tensor, ContentKind::capnp}) {
    if (to_string(kind) == name) return kind;
  }
  throw BadRecord("no kind of content: '" + name + "'");
}

std::uint64_t id_at(const At& at) {
  const auto text = at.text();
  std::uint64_t id = 0;
  const auto* end = text.data() + text.size();
  const bool prefixed = text.starts_with("0x") && text.size() > 2;
  if (!prefixed) throw BadRecord("no id: " + text);
  const auto [rest, problem] = std::from_chars(text.data() + 2, end, id, 16);
  if (problem != std::errc() || rest != end) throw BadRecord("no id: " + text);
  return id;
}

PayloadType type_at(const At& at) {
  if (!at.is_there()) return {};
  PayloadType type{id_at(at["id"]), at["name"].text()};
  if (!type) throw BadRecord("no id: 0x0");
  return type;
}

SchemaNode schema_at(const At& at) {
  auto bytes = from_base64(at["node"].text());
  if (!bytes) throw BadRecord("a schema is no base64");
  return {id_at(at["id"]), std::move(*bytes)};
}

OptionDescription option_at(const At& at) {
  OptionDescription option{.name = at["name"].text(), .type = at["type"].text()};
  if (at["default"].is_there()) option.default_value = at["default"].text();
  option.rules.required = at["required"].truth();
  option.rules.min = at["min"].number_or_nothing();
  option.rules.max = at["max"].number_or_nothing();
  at["one_of"].each(limits::plugin_options_max, "plugin_options_max",
                    [&](const At& word) { option.rules.one_of.push_back(word.text()); });
  option.doc = at["doc"].text();
  return option;
}

void add_output(const At& at, BeeDescription& bee) {
  PortDescription port{.doc = at["doc"].text(), .side = at["side"].truth(), .type = type_at(at["payload"])};
  const bool many = at["names_from"].is_there();
  (many ? port.names_from : port.name) = at[many ? "names_from" : "name"].text();
  if (at["by_options"].truth()) {
    bee.outputs_by_options.push_back(std::move(port));
  } else if (port.name == "default") {
    bee.outputs.front() = std::move(port);
  } else {
    bee.outputs.push_back(std::move(port));
  }
}

BeeDescription bee_at(const At& at) {
  BeeDescription bee{.name = at["name"].text(), .summary = at["summary"].text()};
  bee.outputs.push_back({.name = "default", .emits = false});  // until it is listed
  at["inputs"].each(8, "kinds of content", [&](const At& kind) { bee.inputs.push_back(kind_at(kind)); });
  bee.input_type = type_at(at["payload"]);
  at["outputs"].each(limits::ports_max + 1, "ports_max", [&](const At& port) { add_output(port, bee); });
  at["options"].each(limits::plugin_options_max, "plugin_options_max",
                     [&](const At& option) { bee.options.push_back(option_at(option)); });
  bee.takes_batches = at["takes_batches"].truth();
  bee.holds_records = at["holds_records"].truth();
  bee.forwards_records = at["forwards_records"].truth();
  return bee;
}

GatewayDescription gateway_at(const At& at) {
  GatewayDescription gateway{.type = at["type"].text(), .summary = at["summary"].text(), .options = {}};
  gateway.directions = {at["in"].truth(), at["out"].truth(), at["answers"].truth()};
  gateway.content = kind_at(at["content"]);
  if (at["listen"].is_there()) {
    gateway.listen = at["listen"].text();
    const auto protocol = at["protocol"].text();
    if (protocol != "tcp" && protocol != "udp") throw BadRecord("no protocol: '" + protocol + "'");
    gateway.protocol = protocol == "tcp" ? ListenProtocol::tcp : ListenProtocol::udp;
  }
  at["options"].each(limits::plugin_options_max, "plugin_options_max",
                     [&](const At& option) { gateway.options.push_back(option_at(option)); });
  return gateway;
}

}  // namespace

void write_json(JsonWriter& json, const GatewayDescription& gateway) {
  const auto& ways = gateway.directions;
  json.begin_object().key("type").value(gateway.type).key("summary").value(gateway.summary);
  json.key("in").value(ways.in).key("out").value(ways.out).key("answers").value(ways.answers);
  json.key("content").value(to_string(gateway.content));
  if (!gateway.listen.empty()) {
    json.key("listen").value(gateway.listen);
    json.key("protocol").value(gateway.protocol == ListenProtocol::tcp ? "tcp" : "udp");
  }
  write_json(json.key("options"), gateway.options);
  json.end_object();
}

void write_json(JsonWriter& json, const BeeDescription& bee) {
  json.begin_object().key("name").value(bee.name).key("summary").value(bee.summary);
  json.key("inputs").begin_array();
  for (const auto kind : bee.inputs) json.value(to_string(kind));
  json.end_array();
  write_type(json, bee.input_type);
  json.key("outputs").begin_array();
  for (const auto& port : bee.outputs) write_output(json, port, false);
  for (const auto& port : bee.outputs_by_options) write_output(json, port, true);
  json.end_array().key("takes_batches").value(bee.takes_batches).key("holds_records").value(bee.holds_records);
  json.key("forwards_records").value(bee.forwards_records);
  write_json(json.key("options"), bee.options);
  json.end_object();
}

void write_json(JsonWriter& json, const std::vector<OptionDescription>& options) {
  json.begin_array();
  for (const auto& option : options) write_option(json, option);
  json.end_array();
}

std::string to_json(const PluginManifest& manifest) {
  JsonWriter json;
  json.begin_object().key("abi").value(manifest.abi).key("bees").begin_array();
  for (const auto& bee : manifest.bees) write_json(json, bee);
  json.end_array();
  if (!manifest.gateways.empty()) {
    json.key("gateways").begin_array();
    for (const auto& gateway : manifest.gateways) write_json(json, gateway);
    json.end_array();
  }
  write_schemas(json, manifest.schemas);
  json.end_object();
  return json.take();
}

Result<PluginManifest> parse_manifest(std::string_view text) {
  if (text.size() > limits::plugin_manifest_bytes_max) {
    return Error{errc::too_large, "its manifest has more than plugin_manifest_bytes_max = " +
                                      std::to_string(limits::plugin_manifest_bytes_max) + " bytes"};
  }
  const auto json = JsonDocument::parse(text);
  if (!json) return json.error();
  PluginManifest manifest;
  try {
    const At root(*json, "$");
    manifest.abi = root["abi"].text();
    root["bees"].each(limits::plugin_bees_max, "plugin_bees_max",
                      [&](const At& bee) { manifest.bees.push_back(bee_at(bee)); });
    root["gateways"].each(limits::plugin_gateways_max, "plugin_gateways_max",
                          [&](const At& gateway) { manifest.gateways.push_back(gateway_at(gateway)); });
    root["schemas"].each(limits::schema_nodes_max, "schema_nodes_max",
                         [&](const At& node) { manifest.schemas.push_back(schema_at(node)); });
    return manifest;
  } catch (const BadRecord& bad) {
    // One of another ABI has a form of its own: whoever compares the stamps says what is wrong with it.
    if (!manifest.abi.empty() && manifest.abi != plugin_abi_stamp()) return PluginManifest{.abi = manifest.abi};
    return Error{errc::bad_record, bad.what()};
  }
}

Result<PluginManifest> read_manifest(int descriptor) {
  const auto section = detail::read_elf_section(descriptor, plugin_manifest_section, limits::plugin_manifest_bytes_max);
  if (!section) return section.error();
  return parse_manifest(*section);
}

}  // namespace skep
