#include "record_field.hpp"

#include <cmath>
#include <limits>

namespace skep {
namespace {

struct AsInteger {
  std::optional<std::int64_t> operator()(std::int64_t number) const { return number; }
  std::optional<std::int64_t> operator()(std::uint64_t number) const {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  template <class Other>
  std::optional<std::int64_t> operator()(const Other&) const {
    return std::nullopt;
  }
};

struct AsNumber {
  std::optional<double> operator()(double number) const { return number; }
  std::optional<double> operator()(std::int64_t number) const { return static_cast<double>(number); }
  std::optional<double> operator()(std::uint64_t number) const { return static_cast<double>(number); }
  template <class Other>
  std::optional<double> operator()(const Other&) const {
    return std::nullopt;
  }
};

struct AsText {
  std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
  template <class Value>
  std::optional<std::string> operator()(const Value& value) const {
    JsonWriter json;
    json.value(value);
    return json.take();
  }
};

/// What JSON would not have either.
FieldValue finite(FieldValue value, const std::string& path) {
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || std::isfinite(*number)) return value;
  throw BadRecord(path + ": it is " + (std::isnan(*number) ? "NaN" : "infinite") + ", which has no JSON");
}

}  // namespace

bool RecordField::exists() const {
  if (const auto* in = std::get_if<InDocument>(&value_)) return in->document.has(in->path);
  return !std::holds_alternative<std::monostate>(std::get<FieldValue>(value_));
}

std::optional<bool> RecordField::boolean() const {
  if (const auto* in = std::get_if<InDocument>(&value_)) return in->document.boolean(in->path);
  const auto* truth = std::get_if<bool>(&std::get<FieldValue>(value_));
  return truth == nullptr ? std::nullopt : std::optional(*truth);
}

std::optional<std::int64_t> RecordField::integer() const {
  if (const auto* in = std::get_if<InDocument>(&value_)) return in->document.integer(in->path);
  return std::visit(AsInteger{}, std::get<FieldValue>(value_));
}

std::optional<double> RecordField::number() const {
  if (const auto* in = std::get_if<InDocument>(&value_)) return in->document.number(in->path);
  return std::visit(AsNumber{}, std::get<FieldValue>(value_));
}

std::optional<std::string_view> RecordField::string() const {
  if (const auto* in = std::get_if<InDocument>(&value_)) return in->document.string(in->path);
  const auto* text = std::get_if<std::string>(&std::get<FieldValue>(value_));
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

std::optional<std::string> RecordField::text() const {
  if (const auto* in = std::get_if<InDocument>(&value_)) return in->document.text(in->path);
  return std::visit(AsText{}, std::get<FieldValue>(value_));
}

const PayloadTypes& types_of_swarm(const BeeContext& context) {
  const auto* types = context.payload_types();
  if (types == nullptr) throw BadRecord("the payload is capnp, and no bee of its swarm says of which type");
  return *types;
}

RecordField FieldReader::read(const Record& record, const BeeContext& context) const {
  if (record.content().kind == ContentKind::capnp) return read_typed(record, types_of_swarm(context));
  return RecordField(RecordField::InDocument{read_json(record.text()), path_});
}

const FieldReader::Place& FieldReader::place_in(std::uint64_t type, const PayloadTypes& types) const {
  if (place_ && place_->type == type) return *place_;
  const auto list = std::min(path_.find('['), path_.size());
  Place place{type, std::nullopt, "$" + path_.substr(list)};
  auto field = types.field(type, std::string_view(path_).substr(0, list));
  if (field) place.field = std::move(*field);
  if (!field && field.error().code != errc::not_found) throw BadRecord(field.error().message);
  return place_.emplace(std::move(place));
}

RecordField FieldReader::read_typed(const Record& record, const PayloadTypes& types) const {
  const auto& place = place_in(record.content().schema, types);
  if (!place.field) return RecordField(FieldValue{});
  const auto& field = *place.field;
  const auto unset = [&] { return field.kind == FieldPath::Kind::text && !value_or_bad(types.is_set(record, field)); };
  if (field.kind == FieldPath::Kind::other || place.rest != "$" || unset()) {
    const auto json = value_or_bad(types.to_json(record, field));
    if (!json) return RecordField(FieldValue{});
    return RecordField(RecordField::InDocument{read_json(*json), place.rest});
  }
  return RecordField(finite(value_or_bad(types.read(record, field)), path_));
}

}  // namespace skep
