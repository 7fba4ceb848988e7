#include "payload_from_json.hpp"

#include "json_scalar.hpp"
#include "skep/serialization/base64.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/nearest.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

namespace dom = simdjson::dom;
using Which = capnp::schema::Type;

constexpr std::uint64_t words_max = limits::payload_bytes_max / sizeof(capnp::word);

[[noreturn]] void wrong(const ValuePath& at, const std::string& why) {
  throw Unconvertible{errc::bad_record, at.text() + ": " + why};
}

/// A level of pointers further down.
std::size_t below(std::size_t depth, const ValuePath& at) {
  if (depth > 0) return depth - 1;
  wrong(at, "nested deeper than capnp_nesting_max, which is " + std::to_string(limits::capnp_nesting_max));
}

std::uint64_t bits_of(const ValuePlan& plan) {
  switch (plan.which) {
    case Which::VOID:
      return 0;
    case Which::BOOL:
      return 1;
    case Which::INT8:
    case Which::UINT8:
      return 8;
    case Which::INT16:
    case Which::UINT16:
    case Which::ENUM:
      return 16;
    case Which::INT32:
    case Which::UINT32:
    case Which::FLOAT32:
      return 32;
    case Which::STRUCT:
      return 64 * std::uint64_t{plan.structure->words};
    default:
      return 64;
  }
}

std::uint64_t size_of(dom::array from) {
  constexpr std::size_t saturated = 0xFFFFFF;
  const auto size = from.size();
  if (size < saturated) return size;
  std::uint64_t counted = 0;
  for ([[maybe_unused]] const auto each : from) ++counted;
  return counted;
}

}  // namespace

void PayloadFromJson::take(std::uint64_t words, const ValuePath& at) {
  words_ += words;
  if (words_ <= words_max) return;
  throw Unconvertible{errc::too_large, at.text() + ": the record has become larger than payload_bytes_max, which is " +
                                           std::to_string(limits::payload_bytes_max) + " bytes"};
}

void PayloadFromJson::fill(capnp::DynamicStruct::Builder to, const StructPlan& plan, dom::element from) {
  take(plan.words, {});
  fill(to, plan, from, {}, limits::capnp_nesting_max - 1);
}

const FieldPlan& PayloadFromJson::find(const StructPlan& plan, std::string_view name, std::size_t& hint,
                                       const ValuePath& at) const {
  if (hint < plan.fields.size() && plan.fields[hint].name == name) return plan.fields[hint++];
  const auto found = plan.by_name.find(name);
  if (found != plan.by_name.end()) {
    hint = found->second + std::size_t{1};
    return plan.fields[found->second];
  }
  const auto suggestion = suggest(name, plan.names());
  const ValuePath field{&at, name.empty() ? std::string_view("\"\"") : utf8_prefix(name, 64)};
  wrong(field, "no such field in " + plan.name + (suggestion.empty() ? "" : " (" + suggestion + ")"));
}

/// Refuses a field that is there twice, and two members of one union.
void PayloadFromJson::mark_seen(std::size_t base, const StructPlan& plan, const FieldPlan& field, const ValuePath& at) {
  const auto index = base + static_cast<std::size_t>(&field - plan.fields.data());
  if (seen_[index]) wrong(at, "it is there twice");
  if (field.in_union) {
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      if (plan.fields[i].in_union && seen_[base + i]) {
        wrong(at, "'" + plan.fields[i].name + "' is set too, and of their union one may be");
      }
    }
  }
  seen_[index] = true;
}

void PayloadFromJson::fill(capnp::DynamicStruct::Builder to, const StructPlan& plan, dom::element from,
                           const ValuePath& at, std::size_t depth) {
  dom::object object;
  if (from.get_object().get(object) != simdjson::SUCCESS) unexpected("an object (" + plan.name + ")", from, at);
  const auto base = seen_.size();
  seen_.resize(base + plan.fields.size());
  std::size_t hint = 0;
  for (const auto [name, value] : object) {
    const auto& field = find(plan, name, hint, at);
    const ValuePath there{&at, field.name};
    mark_seen(base, plan, field, there);
    set(to, field, value, there, depth);
  }
  seen_.resize(base);
}

void PayloadFromJson::set(capnp::DynamicStruct::Builder to, const FieldPlan& field, dom::element from,
                          const ValuePath& at, std::size_t depth) {
  const auto& plan = field.value;
  if (field.is_group) {
    return fill(to.init(field.field).as<capnp::DynamicStruct>(), *plan.structure, from, at, depth);
  }
  if (is_pointer(plan.which) && from.is_null()) {
    if (field.in_union) to.clear(field.field);
    return;
  }
  if (plan.which == Which::STRUCT) {
    if (!from.is_object()) unexpected("an object (" + plan.structure->name + ")", from, at);
    const auto inside = below(depth, at);
    take(plan.structure->words, at);
    return fill(to.init(field.field).as<capnp::DynamicStruct>(), *plan.structure, from, at, inside);
  }
  if (plan.which == Which::LIST) {
    dom::array array;
    if (from.get_array().get(array) != simdjson::SUCCESS) unexpected("a list", from, at);
    const auto inside = below(depth, at);
    const auto size = count(array, *plan.element, at);
    return fill(to.init(field.field, size).as<capnp::DynamicList>(), *plan.element, array, at, inside);
  }
  to.set(field.field, scalar(plan, from, at));
}

/// Elements of a list, for which there is room.
std::uint32_t PayloadFromJson::count(dom::array from, const ValuePlan& element, const ValuePath& at) {
  const auto size = size_of(from);
  const auto bits = bits_of(element);
  if (bits == 0) empty_elements_ += size;
  const bool tagged = element.which == Which::STRUCT;  // a list of structs begins with a word of its own
  take((size * bits + 63) / 64 + (tagged ? 1 : 0), at);
  return static_cast<std::uint32_t>(size);
}

void PayloadFromJson::fill(capnp::DynamicList::Builder to, const ValuePlan& plan, dom::array from, const ValuePath& at,
                           std::size_t depth) {
  ValuePath there{&at};
  std::uint32_t index = 0;
  for (const auto value : from) {
    there.index = index;
    if (plan.which == Which::STRUCT) {
      fill(to[index].as<capnp::DynamicStruct>(), *plan.structure, value, there, below(depth, there));
    } else if (plan.which == Which::LIST) {
      dom::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) unexpected("a list", value, there);
      const auto inside = below(depth, there);
      const auto size = count(array, *plan.element, there);
      fill(to.init(index, size).as<capnp::DynamicList>(), *plan.element, array, there, inside);
    } else {
      to.set(index, scalar(plan, value, there));
    }
    ++index;
  }
}

capnp::DynamicValue::Reader PayloadFromJson::data(dom::element from, const ValuePath& at) {
  std::string_view text;
  if (from.get_string().get(text) != simdjson::SUCCESS) unexpected("base64 in a string (Data)", from, at);
  auto bytes = from_base64(text);
  if (!bytes) wrong(at, "expected base64 (Data): this is none");
  bytes_ = std::move(*bytes);
  take(bytes_.size() / sizeof(capnp::word) + 1, at);
  return capnp::Data::Reader(reinterpret_cast<const kj::byte*>(bytes_.data()), bytes_.size());
}

capnp::DynamicValue::Reader PayloadFromJson::scalar(const ValuePlan& plan, dom::element from, const ValuePath& at) {
  switch (plan.which) {
    case Which::VOID:
      if (!from.is_null()) unexpected("null (Void)", from, at);
      return capnp::VOID;
    case Which::BOOL: {
      bool truth = false;
      if (from.get_bool().get(truth) != simdjson::SUCCESS) unexpected("true or false (Bool)", from, at);
      return truth;
    }
    case Which::FLOAT32:
      return static_cast<float>(real_number(plan, from, at));
    case Which::FLOAT64:
      return real_number(plan, from, at);
    case Which::UINT8:
    case Which::UINT16:
    case Which::UINT32:
    case Which::UINT64:
      return unsigned_integer(plan, from, at);
    case Which::ENUM:
      return capnp::DynamicEnum(plan.enumeration->enumerants[enum_value(*plan.enumeration, from, at)]);
    case Which::TEXT: {
      std::string_view text;
      if (from.get_string().get(text) != simdjson::SUCCESS) unexpected("a string (Text)", from, at);
      take(text.size() / sizeof(capnp::word) + 1, at);
      return capnp::Text::Reader(text.data(), text.size());
    }
    case Which::DATA:
      return data(from, at);
    default:
      return signed_integer(plan, from, at);
  }
}

}  // namespace skep
