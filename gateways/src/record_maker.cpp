#include "record_maker.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "skep/actors/option.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {
namespace {

std::string_view text_of(const Payload& payload) {
  return {reinterpret_cast<const char*>(payload.bytes.data()), payload.bytes.size()};
}

/// `number` units since the epoch, if it is finite and nanoseconds can hold it.
std::optional<EventTime> to_time(double number, std::chrono::nanoseconds unit) {
  const double nanoseconds = number * static_cast<double>(unit.count());
  if (!(std::abs(nanoseconds) < 9.2e18)) return std::nullopt;
  return EventTime(std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds)));
}

/// Exact, where a double would round.
std::optional<EventTime> to_time(std::int64_t whole, std::chrono::nanoseconds unit) {
  std::int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(whole, unit.count(), &nanoseconds)) return std::nullopt;
  return EventTime(std::chrono::nanoseconds(nanoseconds));
}

/// Digits in a string: what writers of JSON make of 64-bit integers.
std::optional<EventTime> to_time(std::string_view digits, std::chrono::nanoseconds unit) {
  std::int64_t whole = 0;
  const auto* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, whole);
  return error == std::errc() && rest == end ? to_time(whole, unit) : std::nullopt;
}

std::optional<EventTime> read_time(const JsonDocument& json, std::string_view path, std::chrono::nanoseconds unit) {
  if (const auto whole = json.integer(path)) return to_time(*whole, unit);
  if (const auto digits = json.string(path)) return to_time(*digits, unit);
  const auto number = json.number(path);
  return number ? to_time(*number, unit) : std::nullopt;
}

std::optional<EventTime> read_time(const FieldValue& value, std::chrono::nanoseconds unit) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return to_time(*whole, unit);
  if (const auto* digits = std::get_if<std::string>(&value)) return to_time(*digits, unit);
  if (const auto* number = std::get_if<double>(&value)) return to_time(*number, unit);
  const auto* whole = std::get_if<std::uint64_t>(&value);
  if (whole == nullptr || *whole > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return to_time(static_cast<std::int64_t>(*whole), unit);
}

struct KeyText {
  std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
  std::optional<std::string> operator()(bool truth) const { return truth ? "true" : "false"; }
  std::optional<std::string> operator()(const std::string& text) const { return text; }
  template <class Number>
  std::optional<std::string> operator()(Number number) const {
    return std::to_string(number);
  }
};

Error no_key(const RecordMakerSettings& settings) {
  return {errc::bad_record, "it has no " + settings.key_path + ", which is its key"};
}

Error no_such_time(const RecordMakerSettings& settings) {
  return {errc::bad_record, settings.event_time_path + " is no time: expected a number, in units of " +
                                to_string(settings.event_time_unit) + ", since 1970 (event_time_unit)"};
}

Error no_time(const JsonDocument& json, const RecordMakerSettings& settings) {
  if (json.has(settings.event_time_path)) return no_such_time(settings);
  return {errc::bad_record, "it has no " + settings.event_time_path + ", which is its time"};
}

/// Nothing for a path that the type does not have, which lint has said; its records are refused then.
std::optional<FieldPath> field_of(const RecordMakerSettings& settings, const std::string& path) {
  if (path.empty() || settings.input_type == 0) return std::nullopt;
  auto field = settings.payload_types->field(settings.input_type, path);
  return field ? std::optional(std::move(*field)) : std::nullopt;
}

/// Its bytes where a message can be read in place, by whoever has them: copied once at most. A small part of a large
/// buffer would keep all of that.
Payload in_words(const Payload& payload) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(payload.bytes.data()) % alignof(std::uint64_t) == 0;
  const bool most_of_it = payload.bytes.size() >= payload.owner.bytes().size() / 2;
  if (payload.owner && aligned && most_of_it) return payload;
  return Payload::share(Buffer::copy_of(payload.bytes), payload.content);
}

/// Throws BadRecord.
void check_tensor(const Record& record) {
  (void)record.tensor();
}

}  // namespace

RecordMaker::RecordMaker(RecordMakerSettings settings)
    : settings_(std::move(settings)),
      key_field_(field_of(settings_, settings_.key_path)),
      event_time_field_(field_of(settings_, settings_.event_time_path)) {}

Result<void> RecordMaker::set_key(std::string key, RecordHeader& header) {
  header.key = key_ = std::move(key);
  if (key_.size() <= limits::key_bytes_max) return {};
  return Error{errc::too_large, "its key is longer than key_bytes_max = " + std::to_string(limits::key_bytes_max)};
}

Result<void> RecordMaker::read_json(std::string_view text, RecordHeader& header) {
  if (settings_.key_path.empty() && settings_.event_time_path.empty()) return check_json(text);
  const auto json = JsonDocument::parse(text);
  if (!json) return json.error();
  if (!settings_.key_path.empty()) {
    const auto string = json->string(settings_.key_path);
    const auto other = string ? std::nullopt : json->text(settings_.key_path);
    if (!string && !other) return no_key(settings_);
    if (auto set = set_key(string ? std::string(*string) : *other, header); !set) return set;
  }
  if (!settings_.event_time_path.empty()) {
    const auto time = read_time(*json, settings_.event_time_path, settings_.event_time_unit);
    if (!time) return no_time(*json, settings_);
    header.event_time = *time;
  }
  return {};
}

/// Bytes that are no JSON have neither, and would else be taken for what their session's key and arrival say.
Result<void> RecordMaker::refuse_paths() const {
  const auto missing = [](const std::string& path, const char* what) {
    return Error{errc::bad_record, "it is no JSON and has no " + path + ", which is its " + what};
  };
  if (!settings_.key_path.empty()) return missing(settings_.key_path, "key");
  if (!settings_.event_time_path.empty()) return missing(settings_.event_time_path, "time");
  return {};
}

/// The payload as one of the input type.
Result<Payload> RecordMaker::typed(const Payload& payload) const {
  const auto kind = payload.content.kind;
  const auto& types = *settings_.payload_types;
  if (kind == ContentKind::json) return types.from_json(settings_.input_type, text_of(payload));
  if (kind == ContentKind::capnp) {
    auto owned = in_words(payload);
    owned.content.schema = settings_.input_type;
    if (auto checked = types.check(settings_.input_type, Record({}, owned)); !checked) return checked.error();
    return owned;
  }
  return Error{errc::bad_record, "it is " + std::string(to_string(kind)) + ", and its reader takes " +
                                     types.name(settings_.input_type) +
                                     ": as JSON, or as capnp where `content` is that"};
}

Result<void> RecordMaker::read_typed(const Record& record, RecordHeader& header) {
  const auto& types = *settings_.payload_types;
  if (!settings_.key_path.empty()) {
    const auto value = key_field_ ? types.read(record, *key_field_) : Result<FieldValue>(no_key(settings_));
    if (!value) return value.error();
    auto key = std::visit(KeyText{}, *value);
    if (!key) return no_key(settings_);
    if (auto set = set_key(std::move(*key), header); !set) return set;
  }
  if (!settings_.event_time_path.empty()) {
    const auto value =
        event_time_field_ ? types.read(record, *event_time_field_) : Result<FieldValue>(no_such_time(settings_));
    if (!value) return value.error();
    const auto time = read_time(*value, settings_.event_time_unit);
    if (!time) return no_such_time(settings_);
    header.event_time = *time;
  }
  return {};
}

Result<Record> RecordMaker::make_typed(const Payload& payload, RecordHeader header) {
  const auto made = typed(payload);
  if (!made) return made.error();
  if (!settings_.key_path.empty() || !settings_.event_time_path.empty()) {
    if (auto read = read_typed(Record({}, *made), header); !read) return read.error();
  }
  header.root = header.id = {settings_.incarnation, ++count_};
  return Record(header, *made);
}

Result<Record> RecordMaker::make(const Payload& payload, const From& from) {
  RecordHeader header;
  header.key = from.session_key;
  header.event_time = from.arrived;
  header.deadline = from.deadline;
  header.origin = {settings_.node, settings_.gateway, settings_.incarnation, from.session, from.request};
  header.revision = settings_.revision;
  if (settings_.input_type != 0) return make_typed(payload, header);
  if (payload.content.kind == ContentKind::json) {
    if (auto read = read_json(text_of(payload), header); !read) return read.error();
  } else if (auto none = refuse_paths(); !none) {
    return none.error();
  }
  header.root = header.id = {settings_.incarnation, ++count_};
  Record record(header, payload);
  if (payload.content.kind != ContentKind::tensor) return record;
  try {
    check_tensor(record);
  } catch (const BadRecord& bad) {
    return Error{errc::bad_record, bad.what()};
  }
  return record;
}

}  // namespace skep
