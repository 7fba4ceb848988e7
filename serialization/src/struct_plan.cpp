#include "struct_plan.hpp"

#include "capnp_text.hpp"
#include "json_text.hpp"
#include "schema_node.hpp"

namespace skep {
namespace {

using Which = capnp::schema::Type;

ValuePlan value_plan(capnp::Type type, PayloadTypes::State& state) {
  ValuePlan plan{type.which()};
  if (type.isStruct()) plan.structure = &state.structs.at(type.asStruct().getProto().getId());
  if (type.isEnum()) plan.enumeration = &state.enums.at(type.asEnum().getProto().getId());
  if (type.isList()) {
    plan.element = std::make_unique<ValuePlan>(value_plan(type.asList().getElementType(), state));
  }
  return plan;
}

void fill(EnumPlan& plan, capnp::EnumSchema schema) {
  for (const auto enumerant : schema.getEnumerants()) {
    plan.enumerants.push_back(enumerant);
    plan.names.emplace_back(view(enumerant.getProto().getName()));
  }
  for (std::size_t i = 0; i < plan.names.size(); ++i) plan.values.emplace(plan.names[i], std::uint16_t(i));
}

void fill(StructPlan& plan, PayloadTypes::State& state) {
  const auto node = plan.schema.getProto().getStruct();
  plan.words = std::uint32_t{node.getDataWordCount()} + node.getPointerCount();
  for (const auto field : plan.schema.getFields()) {
    FieldPlan& added = plan.fields.emplace_back();
    const auto proto = field.getProto();
    added.field = field;
    added.name = view(proto.getName());
    append_json_string(added.name, added.key);
    added.key += ':';
    added.is_group = proto.isGroup();
    added.in_union = proto.getDiscriminantValue() != capnp::schema::Field::NO_DISCRIMINANT;
    added.value = value_plan(field.getType(), state);
  }
  for (std::uint32_t i = 0; i < plan.fields.size(); ++i) plan.by_name.emplace(plan.fields[i].name, i);
}

/// With the file where two types have one name.
void name_types(const SchemaTable& table, PayloadTypes::State& state) {
  std::map<std::string_view, std::size_t> count;
  for (const auto& [id, entry] : table.entries()) ++count[entry.name];
  for (const auto& [id, entry] : table.entries()) {
    const bool alone = count[entry.name] == 1 || entry.file.empty();
    state.names.emplace(id, alone ? entry.name : entry.name + " (" + entry.file + ")");
  }
}

}  // namespace

bool is_pointer(capnp::schema::Type::Which which) {
  return which == Which::TEXT || which == Which::DATA || which == Which::LIST || which == Which::STRUCT;
}

std::vector<std::string> StructPlan::names() const {
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.name);
  return names;
}

const StructPlan* PayloadTypes::State::find(std::uint64_t type) const {
  const auto found = structs.find(type);
  return found == structs.end() ? nullptr : &found->second;
}

void make_plans(const SchemaTable& table, PayloadTypes::State& state) {
  name_types(table, state);
  for (const auto& [id, entry] : table.entries()) {
    OpenNode node(entry.bytes);
    state.loader.load(node.node());
  }
  for (const auto& [id, entry] : table.entries()) {
    const auto schema = state.loader.get(id);
    if (schema.getProto().isEnum()) {
      fill(state.enums[id], schema.asEnum());
    } else {
      auto& plan = state.structs[id];
      plan.schema = schema.asStruct();
      plan.name = entry.name;
    }
  }
  for (auto& [id, plan] : state.structs) fill(plan, state);
}

}  // namespace skep
