#include "skep/serialization/payload_types.hpp"

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <kj/exception.h>

#include <algorithm>
#include <cassert>
#include <charconv>

#include "json_path.hpp"
#include "json_state.hpp"
#include "json_text.hpp"
#include "payload_from_json.hpp"
#include "payload_to_json.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/malformed.hpp"
#include "skep/serialization/nearest.hpp"
#include "skep/serialization/typed.hpp"
#include "struct_plan.hpp"

namespace skep {
namespace {

using Which = capnp::schema::Type;

FieldPath::Kind kind_of(const FieldPlan& field) {
  switch (field.value.which) {
    case Which::BOOL:
      return FieldPath::Kind::boolean;
    case Which::FLOAT32:
    case Which::FLOAT64:
      return FieldPath::Kind::number;
    case Which::TEXT:
      return FieldPath::Kind::text;
    case Which::ENUM:
      return FieldPath::Kind::enumeration;
    case Which::INT8:
    case Which::INT16:
    case Which::INT32:
    case Which::INT64:
    case Which::UINT8:
    case Which::UINT16:
    case Which::UINT32:
    case Which::UINT64:
      return FieldPath::Kind::integer;
    default:
      return FieldPath::Kind::other;
  }
}

/// 0.1 for the Float32 nearest to it, as in JSON, and not 0.10000000149.
double number_of(float number) {
  std::string digits;
  if (!append_json_number(number, digits)) return number;
  double as_written = number;
  std::from_chars(digits.data(), digits.data() + digits.size(), as_written);
  return as_written;
}

FieldValue value_of(const capnp::DynamicValue::Reader& value, const FieldPlan& field) {
  switch (kind_of(field)) {
    case FieldPath::Kind::boolean:
      return value.as<bool>();
    case FieldPath::Kind::integer:
      if (value.getType() == capnp::DynamicValue::UINT) return value.as<std::uint64_t>();
      return value.as<std::int64_t>();
    case FieldPath::Kind::number:
      if (field.value.which == capnp::schema::Type::FLOAT32) return number_of(value.as<float>());
      return value.as<double>();
    case FieldPath::Kind::text: {
      const auto text = value.as<capnp::Text>();
      return std::string(text.begin(), text.size());
    }
    case FieldPath::Kind::enumeration: {
      const auto raw = value.as<capnp::DynamicEnum>().getRaw();
      const auto& names = field.value.enumeration->names;
      if (raw < names.size()) return names[raw];
      return std::uint64_t{raw};  // of a newer schema
    }
    case FieldPath::Kind::other:
      break;
  }
  return std::monostate{};
}

/// A field, and the struct that it is in.
struct FoundField {
  capnp::DynamicStruct::Reader in;
  const FieldPlan* field;

  /// Of a union, a member that is set says so by itself.
  [[nodiscard]] bool is_there() const { return field->in_union || !field->may_be_unset() || in.has(field->field); }
};

/// Nothing: of a union, another member is set, or a struct on the way is not there. `steps` has one or more.
std::optional<FoundField> find(capnp::DynamicStruct::Reader at, const StructPlan* plan,
                               std::span<const std::uint32_t> steps) {
  for (;;) {
    const FoundField found{at, &plan->fields[steps.front()]};
    const auto& field = *found.field;
    if (field.in_union) {
      const auto member = at.which();
      const bool set = member != nullptr && KJ_ASSERT_NONNULL(member) == field.field;
      if (!set) return std::nullopt;
    }
    steps = steps.subspan(1);
    if (steps.empty()) return found;
    if (!field.is_group && !at.has(field.field)) return std::nullopt;
    at = at.get(field.field).as<capnp::DynamicStruct>();
    plan = field.value.structure;
  }
}

/// "place.room", for what is wrong there.
std::string path_text(const StructPlan* plan, std::span<const std::uint32_t> steps) {
  std::string text;
  for (const auto step : steps) {
    text.append(text.empty() ? "" : ".").append(plan->fields[step].name);
    plan = plan->fields[step].value.structure;
  }
  return text;
}

Error malformed(const std::string& name) {
  return {errc::bad_record, "it is no valid " + name + ": " + why_malformed};
}

Error unreadable(const std::string& name, ContentKind kind) {
  return {errc::bad_record, "it is " + name + " (" + std::string(to_string(kind)) + ")"};
}

/// Runs what reads or writes a message.
template <class T, class Body>
Result<T> guarded(const std::string& name, Body&& body) {
  try {
    return body();
  } catch (const Unconvertible& wrong) {
    return Error{wrong.code, wrong.message};
  } catch (const BadRecord& bad) {
    return Error{errc::bad_record, "it is no valid " + name + ": " + bad.what()};
  } catch (const kj::Exception&) {
    return malformed(name);
  }
}

/// In segments few enough to be read.
Payload payload_of(capnp::MessageBuilder& message, const StructPlan& plan, Content content) {
  if (message.getSegmentsForOutput().size() <= limits::capnp_segments_max) return Payload::message(message, content);
  const auto root = message.getRoot<capnp::DynamicStruct>(plan.schema).asReader();
  capnp::MallocMessageBuilder whole(static_cast<unsigned>(root.totalSize().wordCount) + 1);
  whole.setRoot(root);
  return Payload::message(whole, content);
}

}  // namespace

PayloadTypes::PayloadTypes(std::unique_ptr<State> state) : state_(std::move(state)) {}
PayloadTypes::~PayloadTypes() = default;

Result<std::shared_ptr<const PayloadTypes>> PayloadTypes::of(const SchemaTable& table) {
  auto state = std::make_unique<State>();
  try {
    make_plans(table, *state);
  } catch (const kj::Exception&) {
    return Error{errc::incompatible,
                 "the payload types do not go together: build all that share a type from one schema of it"};
  }
  return std::shared_ptr<const PayloadTypes>(new PayloadTypes(std::move(state)));
}

std::string PayloadTypes::name(std::uint64_t type) const {
  const auto found = state_->names.find(type);
  return found == state_->names.end() ? "a type that is not known here" : found->second;
}

Result<Payload> PayloadTypes::from_json(std::uint64_t type, std::string_view json) const {
  const auto* plan = state_->find(type);
  assert(plan != nullptr);
  thread_local simdjson::dom::document document;
  simdjson::dom::element root;
  if (auto parsed = parse_json(json, document, root); !parsed) return parsed.error();
  auto payload = guarded<Payload>(plan->name, [&]() -> Result<Payload> {
    const auto words = std::min<std::size_t>(plan->words + json.size() / 4 + 64, 128u << 10);
    capnp::MallocMessageBuilder message(static_cast<unsigned>(words));
    PayloadFromJson reader;
    reader.fill(message.initRoot<capnp::DynamicStruct>(plan->schema), *plan, root);
    if (reader.empty_elements() > 2 * reader.words() + limits::capnp_traversal_words_min / 2) {
      return Error{errc::too_large, "it has more elements without a value than its reader may count"};
    }
    return payload_of(message, *plan, {ContentKind::capnp, type});
  });
  if (json.size() > json_kept_bytes_max) document = simdjson::dom::document();
  if (payload && payload->bytes.size() > limits::payload_bytes_max) {
    return Error{errc::too_large, "the record has become larger than payload_bytes_max"};
  }
  return payload;
}

Result<void> PayloadTypes::check(std::uint64_t type, const Record& record) const {
  const auto* plan = state_->find(type);
  assert(plan != nullptr);
  return guarded<void>(plan->name, [&]() -> Result<void> {
    OpenMessage message(record);
    check_message(message.reader().getRoot<capnp::DynamicStruct>(plan->schema), *plan);
    return {};
  });
}

Result<std::string> PayloadTypes::to_json(const Record& record) const {
  const auto content = record.content();
  const auto* plan = state_->find(content.schema);
  if (content.kind != ContentKind::capnp || plan == nullptr) {
    return unreadable(name(content.schema), content.kind);
  }
  return guarded<std::string>(plan->name, [&]() -> Result<std::string> {
    OpenMessage message(record);
    std::string out;
    out.reserve(2 * record.size());
    append_json(message.reader().getRoot<capnp::DynamicStruct>(plan->schema), *plan, out);
    return out;
  });
}

Result<std::optional<std::string>> PayloadTypes::to_json(const Record& record, const FieldPath& path) const {
  using Text = std::optional<std::string>;
  const auto* plan = state_->find(path.type);
  assert(plan != nullptr);
  if (path.steps.empty()) {
    auto whole = to_json(record);
    return whole ? Result<Text>(std::move(*whole)) : whole.error();
  }
  return guarded<Text>(plan->name, [&]() -> Result<Text> {
    OpenMessage message(record);
    const auto found = find(message.reader().getRoot<capnp::DynamicStruct>(plan->schema), plan, path.steps);
    if (!found || !found->is_there()) return Text();
    std::string out;
    append_json(found->in, *found->field, path_text(plan, path.steps), out);
    return Text(std::move(out));
  });
}

Result<bool> PayloadTypes::is_set(const Record& record, const FieldPath& path) const {
  const auto* plan = state_->find(path.type);
  assert(plan != nullptr);
  if (path.steps.empty()) return true;
  return guarded<bool>(plan->name, [&]() -> Result<bool> {
    OpenMessage message(record);
    const auto found = find(message.reader().getRoot<capnp::DynamicStruct>(plan->schema), plan, path.steps);
    return found && found->in.has(found->field->field);
  });
}

Result<FieldPath> PayloadTypes::field(std::uint64_t type, std::string_view path) const {
  const auto* plan = state_->find(type);
  if (plan == nullptr) return unreadable(name(type), ContentKind::capnp);
  const std::string whole(path);
  if (!path.starts_with('$')) return Error{errc::invalid_argument, "'" + whole + "' is no path such as \"$.user\""};
  path.remove_prefix(1);
  FieldPath found{type};
  while (const auto step = take_step(path)) {
    if (step->index) return Error{errc::invalid_argument, "'" + whole + "' leads into a list: it is a path of fields"};
    if (plan == nullptr) return Error{errc::not_found, "'" + whole + "' leads into a field that is no struct"};
    const auto field = plan->by_name.find(step->key);
    if (field == plan->by_name.end()) {
      const auto hint = suggest(step->key, plan->names());
      return Error{errc::not_found, plan->name + " has no field '" + std::string(step->key) + "'" +
                                        (hint.empty() ? "" : " (" + hint + ")")};
    }
    found.steps.push_back(field->second);
    found.kind = kind_of(plan->fields[field->second]);
    plan = plan->fields[field->second].value.structure;
  }
  if (!path.empty()) return Error{errc::invalid_argument, "'" + whole + "' is no path such as \"$.user\""};
  return found;
}

Result<FieldValue> PayloadTypes::read(const Record& record, const FieldPath& path) const {
  const auto* plan = state_->find(path.type);
  assert(plan != nullptr);
  if (path.steps.empty()) return FieldValue{};
  return guarded<FieldValue>(plan->name, [&]() -> Result<FieldValue> {
    OpenMessage message(record);
    const auto found = find(message.reader().getRoot<capnp::DynamicStruct>(plan->schema), plan, path.steps);
    return found ? value_of(found->in.get(found->field->field), *found->field) : FieldValue{};
  });
}

}  // namespace skep
