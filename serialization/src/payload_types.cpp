#include "skep/serialization/payload_types.hpp"

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <kj/exception.h>

#include <algorithm>
#include <cassert>

#include "json_path.hpp"
#include "json_state.hpp"
#include "payload_from_json.hpp"
#include "payload_to_json.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/nearest.hpp"
#include "skep/serialization/typed.hpp"
#include "struct_plan.hpp"

namespace skep {
namespace {

constexpr std::size_t kept_bytes_max = 256u << 10;  // of JSON text; what a larger one needed is given back

FieldPath::Kind kind_of(const FieldPlan& field) {
  using Which = capnp::schema::Type;
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

FieldValue value_of(const capnp::DynamicValue::Reader& value, const FieldPlan& field) {
  switch (kind_of(field)) {
    case FieldPath::Kind::boolean:
      return value.as<bool>();
    case FieldPath::Kind::integer:
      if (value.getType() == capnp::DynamicValue::UINT) return value.as<std::uint64_t>();
      return value.as<std::int64_t>();
    case FieldPath::Kind::number:
      return value.as<double>();
    case FieldPath::Kind::text: {
      const auto text = value.as<capnp::Text>();
      return std::string(text.begin(), text.size());
    }
    case FieldPath::Kind::enumeration: {
      const auto raw = value.as<capnp::DynamicEnum>().getRaw();
      const auto& names = field.value.enumeration->names;
      return raw < names.size() ? names[raw] : std::to_string(raw);
    }
    case FieldPath::Kind::other:
      break;
  }
  return std::monostate{};
}

/// Cap'n Proto's own words are about pointers and segments: nothing that whoever sent the record could act on.
Error malformed(const std::string& name) {
  return {errc::bad_record, "it is no valid " + name + ": a pointer, a size or a text in it is wrong"};
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
                 "the payload types do not go together: build the plug-ins that have them from the same schemas"};
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
  if (json.size() > kept_bytes_max) document = simdjson::dom::document();
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
    return Error{errc::bad_record, "it is " + name(content.schema) + " (" + std::string(to_string(content.kind)) + ")"};
  }
  return guarded<std::string>(plan->name, [&]() -> Result<std::string> {
    OpenMessage message(record);
    std::string out;
    out.reserve(2 * record.size());
    append_json(message.reader().getRoot<capnp::DynamicStruct>(plan->schema), *plan, out);
    return out;
  });
}

Result<FieldPath> PayloadTypes::field(std::uint64_t type, std::string_view path) const {
  const auto* plan = state_->find(type);
  assert(plan != nullptr);
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
  return guarded<FieldValue>(plan->name, [&]() -> Result<FieldValue> {
    OpenMessage message(record);
    auto at = message.reader().getRoot<capnp::DynamicStruct>(plan->schema);
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
      const auto& field = plan->fields[path.steps[i]];
      if (field.in_union) {
        const auto member = at.which();
        const bool set = member != nullptr && KJ_ASSERT_NONNULL(member) == field.field;
        if (!set) return FieldValue{};
      }
      const bool last = i + 1 == path.steps.size();
      if (!last && !field.is_group && !at.has(field.field)) return FieldValue{};
      const auto value = at.get(field.field);
      if (last) return value_of(value, field);
      plan = field.value.structure;
      at = value.as<capnp::DynamicStruct>();
    }
    return FieldValue{};
  });
}

}  // namespace skep
