#include "payload_to_json.hpp"

#include <span>

#include "capnp_text.hpp"
#include "json_text.hpp"
#include "skep/serialization/base64.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

using capnp::DynamicList;
using capnp::DynamicStruct;
using capnp::DynamicValue;
using Which = capnp::schema::Type;

constexpr std::size_t no_member = static_cast<std::size_t>(-1);

/// The member of its union that is set; a newer schema may have one that is not known here.
std::size_t set_member(const DynamicStruct::Reader& from, const StructPlan& plan) {
  if (plan.schema.getProto().getStruct().getDiscriminantCount() == 0) return no_member;
  KJ_IF_MAYBE (field, from.which()) {
    return field->getIndex();
  }
  return no_member;
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out), begin_(out.size()) {}

  void object(const DynamicStruct::Reader& from, const StructPlan& plan, const ValuePath& at) {
    const auto member = set_member(from, plan);
    out_ += '{';
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      const auto& field = plan.fields[i];
      if (field.in_union && i != member) continue;
      if (field.may_be_unset() && !from.has(field.field) && !field.in_union) continue;
      if (out_.back() != '{') out_ += ',';
      out_ += field.key;
      field_value(from, field, {&at, field.name});
    }
    out_ += '}';
    check_size(at);
  }

  void field_value(const DynamicStruct::Reader& from, const FieldPlan& field, const ValuePath& at) {
    if (field.may_be_unset() && !from.has(field.field)) {
      out_ += "null";  // of a union: which member it is must still be seen
    } else {
      value(from.get(field.field), field.value, at);
    }
  }

 private:
  void check_size(const ValuePath& at) const {
    if (out_.size() - begin_ <= limits::payload_bytes_max) return;
    throw Unconvertible{errc::too_large, at.text() +
                                             ": the record as JSON is longer than payload_bytes_max, which is " +
                                             std::to_string(limits::payload_bytes_max) + " bytes"};
  }

  void list(const DynamicList::Reader& from, const ValuePlan& element, const ValuePath& at) {
    ValuePath there{&at};
    out_ += '[';
    for (std::uint32_t i = 0; i < from.size(); ++i) {
      if (i > 0) out_ += ',';
      there.index = i;
      value(from[i], element, there);
      check_size(there);
    }
    out_ += ']';
  }

  template <class Float>
  void real(Float number, const ValuePath& at) {
    if (append_json_number(number, out_)) return;
    throw Unconvertible{errc::bad_record,
                        at.text() + ": it is " + (number != number ? "NaN" : "infinite") + ", which has no JSON"};
  }

  void enumerant(capnp::DynamicEnum value, const EnumPlan& plan) {
    const auto raw = value.getRaw();
    if (raw < plan.names.size()) return append_json_string(plan.names[raw], out_);
    append_json_integer(raw, out_);  // of a newer schema
  }

  void value(const DynamicValue::Reader& from, const ValuePlan& plan, const ValuePath& at) {
    switch (plan.which) {
      case Which::VOID:
        out_ += "null";
        return;
      case Which::BOOL:
        out_ += from.as<bool>() ? "true" : "false";
        return;
      case Which::FLOAT32:
        return real(from.as<float>(), at);
      case Which::FLOAT64:
        return real(from.as<double>(), at);
      case Which::UINT8:
      case Which::UINT16:
      case Which::UINT32:
      case Which::UINT64:
        return append_json_integer(from.as<std::uint64_t>(), out_);
      case Which::ENUM:
        return enumerant(from.as<capnp::DynamicEnum>(), *plan.enumeration);
      case Which::TEXT:
        return append_json_string(view(from.as<capnp::Text>()), out_);
      case Which::DATA: {
        const auto data = from.as<capnp::Data>();
        out_ += '"';
        append_base64(std::as_bytes(std::span(data.begin(), data.size())), out_);
        out_ += '"';
        return;
      }
      case Which::LIST:
        return list(from.as<DynamicList>(), *plan.element, at);
      case Which::STRUCT:
        return object(from.as<DynamicStruct>(), *plan.structure, at);
      default:
        return append_json_integer(from.as<std::int64_t>(), out_);
    }
  }

  std::string& out_;
  std::size_t begin_;
};

class Check {
 public:
  void object(const DynamicStruct::Reader& from, const StructPlan& plan, const ValuePath& at) {
    const auto member = set_member(from, plan);
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      const auto& field = plan.fields[i];
      if (field.in_union && i != member) continue;
      if (!field.is_group && (!field.may_be_unset() || !from.has(field.field))) continue;
      value(from.get(field.field), field.value, {&at, field.name});
    }
  }

 private:
  void value(const DynamicValue::Reader& from, const ValuePlan& plan, const ValuePath& at) {
    switch (plan.which) {
      case Which::TEXT:
        return text(view(from.as<capnp::Text>()), at);
      case Which::LIST:
        return list(from.as<DynamicList>(), *plan.element, at);
      case Which::STRUCT:
        return object(from.as<DynamicStruct>(), *plan.structure, at);
      default:
        return;
    }
  }

  void list(const DynamicList::Reader& from, const ValuePlan& element, const ValuePath& at) {
    if (!is_pointer(element.which)) return;
    ValuePath there{&at};
    for (std::uint32_t i = 0; i < from.size(); ++i) {
      there.index = i;
      value(from[i], element, there);
    }
  }

  static void text(std::string_view text, const ValuePath& at) {
    while (!text.empty()) {
      const auto length = utf8_sequence(text);
      if (length == 0) throw Unconvertible{errc::bad_record, at.text() + ": it is no UTF-8"};
      text.remove_prefix(length);
    }
  }
};

}  // namespace

void append_json(DynamicStruct::Reader from, const StructPlan& plan, std::string& out) {
  Printer(out).object(from, plan, {});
}

void append_json(DynamicStruct::Reader from, const FieldPlan& field, std::string_view path, std::string& out) {
  const ValuePath root;
  Printer(out).field_value(from, field, {&root, path});
}

void check_message(DynamicStruct::Reader from, const StructPlan& plan) {
  Check().object(from, plan, {});
}

}  // namespace skep
