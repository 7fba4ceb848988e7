// What lint has to say about payload types: who sends which, and whether its readers read that.
//
// A bee says of which type its records are, or forwards what it reads. A gateway makes its records of the type that its
// readers want, those behind forwarding bees too.

#include <algorithm>

#include "linter.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace {

bool reads(const BeeDescription& bee, ContentKind kind) {
  return bee.inputs.empty() || std::ranges::find(bee.inputs, kind) != bee.inputs.end();
}

bool holds_any(const std::vector<ContentKind>& kinds, std::initializer_list<ContentKind> wanted) {
  return std::ranges::find_first_of(kinds, wanted) != kinds.end();
}

bool suits_key(FieldPath::Kind kind) {
  return kind != FieldPath::Kind::number && kind != FieldPath::Kind::other;
}

bool suits_time(FieldPath::Kind kind) {
  return kind == FieldPath::Kind::integer || kind == FieldPath::Kind::number || kind == FieldPath::Kind::text;
}

/// The option of a bee that comes with Skep which names a field that records of the type do not have; null: none.
const OptionValue* missing_field(const BeeSpec& bee, const PayloadTypes& types, std::uint64_t type, std::string& why) {
  if (!bee.bee_class.starts_with("skep.")) return nullptr;
  for (const auto* option : {"field", "by"}) {
    const auto* value = bee.options.find(option);
    const auto* path = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    if (path == nullptr || !is_json_path(*path)) continue;
    const auto field = types.field(type, *path);
    if (field || field.error().code != errc::not_found) continue;  // a path into a list is looked at in each record
    why = "'" + std::string(option) + "' of bee '" + bee.name + "': " + field.error().message;
    return value;
  }
  return nullptr;
}

}  // namespace

void Linter::check_types() {
  edges_to_.resize(nodes());
  demands_.resize(nodes());
  forwarded_types_.resize(spec_.bees.size());
  for (std::size_t edge = 0; edge < plan_.edges.size(); ++edge) edges_to_[plan_.edges[edge].to].push_back(edge);
  if (!bees_.schemas().empty()) {
    auto types = PayloadTypes::of(bees_.schemas());
    if (!types) return problems_.error({}, types.error().message);
    plan_.payload_types = std::move(*types);
    find_demands();
  }
  for (std::size_t gateway = 0; gateway < spec_.gateways.size(); ++gateway) check_gateway_type(gateway);
  if (plan_.payload_types == nullptr) return;
  for (std::size_t edge = 0; edge < plan_.edges.size(); ++edge) check_edge_type(edge);
  for (const auto& answer : answers_) {
    check_out_type(answer.gateway, sent(answer.bee, answer.port), port_name(answer.bee, answer.port));
  }
}

const BeeDescription* Linter::description(Node node) const {
  const auto* entry = is_gateway(node) ? nullptr : bees_.find(spec_.bees[node].bee_class);
  return entry == nullptr ? nullptr : &entry->description;
}

/// "Reading of plug-in 'sensors'"; `who` has it in its class.
std::string Linter::type_name(const PayloadType& type, Node who) const {
  const auto* bee = description(who);
  const auto name = plan_.payload_types->name(type.id);
  return bee == nullptr || bee->plugin.empty() ? name : name + " of plug-in '" + bee->plugin + "'";
}

/// From bees of one type upwards, through bees that forward: readers before their senders.
void Linter::find_demands() {
  Wiring forwards(nodes());
  for (const auto& edge : plan_.edges) {
    if (!is_gateway(edge.to)) forwards.connect(edge.from, edge.to);
  }
  auto order = forwards.order();
  std::ranges::reverse(order);
  for (const auto node : order) {
    const auto* bee = description(node);
    if (bee != nullptr && bee->reads_typed_only()) demands_[node].emplace(bee->input_type.id, node);
    if (!is_gateway(node) && (bee == nullptr || !bee->forwards_records)) continue;
    for (const auto reader : forwards.out(node)) {
      for (const auto& [type, who] : demands_[reader]) {
        auto& known = demands_[node].try_emplace(type, who).first->second;
        known = std::min(known, who);
      }
    }
  }
  for (std::size_t gateway = 0; gateway < spec_.gateways.size(); ++gateway) check_demands(gateway_node(gateway));
}

/// Precondition: there is one.
Linter::Node Linter::first_demand(Node gateway) const {
  const auto by_node = [](const auto& demand) { return demand.second; };
  return std::ranges::min_element(demands_[gateway], {}, by_node)->second;
}

/// A gateway makes records of one type.
void Linter::check_demands(Node gateway) {
  const auto& demand = demands_[gateway];
  if (demand.empty()) return;
  const auto first = first_demand(gateway);
  const auto& wanted = description(first)->input_type;
  plan_.gateways[gateway - spec_.bees.size()].input_type = wanted;
  for (const auto& [type, who] : demand) {
    if (type == wanted.id) continue;
    const auto leads_there = [&, id = type](std::size_t edge) { return demands_[plan_.edges[edge].to].contains(id); };
    const auto edge = std::ranges::find_if(edges_from_[gateway], leads_there);
    problems_.error(edge_positions_[*edge],
                    "'" + name(who) + "' reads " + type_name(description(who)->input_type, who) + ", and '" +
                        name(first) + "' reads " + type_name(wanted, first) + ", both from gateway '" + name(gateway) +
                        "'",
                    "a gateway for each: it makes records of one type");
  }
}

PayloadType Linter::sent(Node node, std::uint16_t port) {
  if (is_gateway(node)) return plan_.gateways[node - spec_.bees.size()].input_type;
  const auto& outputs = plan_.bees[node].configured.outputs;
  const auto* bee = description(node);
  if (bee != nullptr && bee->forwards_records) return forwarded(node);
  return port < outputs.size() ? outputs[port].type : PayloadType{};
}

/// What all its senders send; none if they differ, or one does not say.
PayloadType Linter::forwarded(Node bee) {
  auto& known = forwarded_types_[bee];
  if (known) return *known;
  known = PayloadType{};  // for cycles, which are reported elsewhere
  std::optional<PayloadType> common;
  for (const auto edge : edges_to_[bee]) {
    const auto type = sent(plan_.edges[edge].from, plan_.edges[edge].port);
    if (common && !(*common == type)) return {};
    common = type;
  }
  forwarded_types_[bee] = common.value_or(PayloadType{});
  return *forwarded_types_[bee];
}

void Linter::check_edge_type(std::size_t index) {
  auto& edge = plan_.edges[index];
  edge.type = sent(edge.from, edge.port);
  if (!edge.type) return;
  if (is_gateway(edge.to)) {
    return check_out_type(edge.to - spec_.bees.size(), edge.type, port_name(edge.from, edge.port));
  }
  const auto* reader = description(edge.to);
  if (reader == nullptr) return;
  const auto whose = is_gateway(edge.from) ? first_demand(edge.from) : edge.from;
  const auto sender = "'" + port_name(edge.from, edge.port) + "' sends " + type_name(edge.type, whose);
  if (!reads(*reader, ContentKind::capnp)) {
    const auto wanted = is_gateway(edge.from) ? ", as '" + name(whose) + "' reads it" : std::string();
    problems_.error(edge_positions_[index],
                    "'" + name(edge.to) + "' reads " + words(reader->inputs) + ", and " + sender + wanted);
    return;
  }
  const bool demanded = is_gateway(edge.from) && reader->reads_typed_only();  // then two demands differ: said already
  std::string why;
  if (const auto* option = missing_field(spec_.bees[edge.to], *plan_.payload_types, edge.type.id, why)) {
    problems_.error(option->position, why);
  } else if (reader->input_type && !(reader->input_type == edge.type) && !demanded) {
    problems_.error(edge_positions_[index],
                    "'" + name(edge.to) + "' reads " + type_name(reader->input_type, edge.to) + ", and " + sender);
  }
}

SourcePosition Linter::content_position(const GatewaySpec& spec) const {
  for (const auto* option : {"content", "binary"}) {
    if (const auto* value = spec.options.find(option)) return value->position;
  }
  return spec.position;
}

void Linter::check_gateway_type(std::size_t index) {
  const auto& gateway = plan_.gateways[index];
  const auto& kinds = gateway.configured.kinds;
  const Node node = gateway_node(index);
  if (gateway.input_type) {
    const auto reader = first_demand(node);
    if (!kinds.empty() && !holds_any(kinds, {ContentKind::json, ContentKind::capnp})) {
      problems_.error(content_position(gateway.spec),
                      "gateway '" + gateway.spec.name + "' brings " + words(kinds) + ", and '" + name(reader) +
                          "' reads " + type_name(gateway.input_type, reader),
                      "content = \"json\" or \"capnp\"");
    }
    check_path_option(index, "key", "session");
    check_path_option(index, "event_time", "arrival");
    return;
  }
  const auto known = [&](std::size_t edge) { return description(plan_.edges[edge].to) != nullptr; };
  const bool all_known = !gaps_.lines && std::ranges::all_of(edges_from_[node], known);
  if (!holds_any(kinds, {ContentKind::capnp}) || edges_from_[node].empty() || !all_known) return;
  problems_.error(content_position(gateway.spec),
                  "gateway '" + gateway.spec.name + "' brings capnp, and no bee that reads it says of which type",
                  "`using Input = ...` in the class of one that does");
}

/// What leaves the swarm: clients of a gateway have no other way to read it than as JSON, or knowing the schema.
void Linter::check_out_type(std::size_t index, const PayloadType& type, const std::string& sender) {
  const auto& gateway = plan_.gateways[index];
  const auto& kinds = gateway.configured.kinds;
  if (!type || kinds.empty() || holds_any(kinds, {ContentKind::json, ContentKind::capnp})) return;
  problems_.error(content_position(gateway.spec),
                  "clients of gateway '" + gateway.spec.name + "' read " + words(kinds) + ", and '" + sender +
                      "' sends " + plan_.payload_types->name(type.id),
                  "content = \"json\" or \"capnp\"");
}

void Linter::check_path_option(std::size_t index, const char* option, const char* none) {
  const auto& gateway = plan_.gateways[index];
  const auto* value = gateway.spec.options.find(option);
  const auto* path = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  if (path == nullptr || *path == none || !gateway.configured.problems.empty()) return;
  const auto field = plan_.payload_types->field(gateway.input_type.id, *path);
  const auto what = "'" + std::string(option) + "' of gateway '" + gateway.spec.name + "': ";
  if (!field) return problems_.error(value->position, what + field.error().message);
  const bool is_key = option == std::string_view("key");
  if (is_key ? suits_key(field->kind) : suits_time(field->kind)) return;
  problems_.error(value->position,
                  what + *path + " of " + plan_.payload_types->name(gateway.input_type.id) +
                      (is_key ? " is no key" : " is no time"),
                  is_key ? "an integer, a text, a bool or an enum" : "a number, or a text of digits");
}

}  // namespace skep
