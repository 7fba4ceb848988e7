#include "record_maker.hpp"

#include <cmath>

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

std::optional<EventTime> read_time(const JsonDocument& json, std::string_view path, std::chrono::nanoseconds unit) {
  if (const auto whole = json.integer(path)) {
    std::int64_t nanoseconds = 0;  // exact, where a double would round
    if (__builtin_mul_overflow(*whole, unit.count(), &nanoseconds)) return std::nullopt;
    return EventTime(std::chrono::nanoseconds(nanoseconds));
  }
  const auto number = json.number(path);
  return number ? to_time(*number, unit) : std::nullopt;
}

Error no_time(const JsonDocument& json, const RecordMakerSettings& settings) {
  const auto& path = settings.event_time_path;
  if (!json.has(path)) return {errc::bad_record, "it has no " + path + ", which is its time"};
  return {errc::bad_record, path + " is no time: expected a number, in units of " +
                                to_string(settings.event_time_unit) + ", since 1970 (event_time_unit)"};
}

/// Throws BadRecord.
void check_tensor(const Record& record) {
  (void)record.tensor();
}

}  // namespace

Result<void> RecordMaker::read_json(std::string_view text, RecordHeader& header) {
  if (settings_.key_path.empty() && settings_.event_time_path.empty()) return check_json(text);
  const auto json = JsonDocument::parse(text);
  if (!json) return json.error();
  if (!settings_.key_path.empty()) {
    const auto string = json->string(settings_.key_path);
    const auto other = string ? std::nullopt : json->text(settings_.key_path);
    if (!string && !other) return Error{errc::bad_record, "it has no " + settings_.key_path + ", which is its key"};
    header.key = key_ = string ? std::string(*string) : *other;
    if (key_.size() > limits::key_bytes_max) {
      return Error{errc::too_large, "its key is longer than key_bytes_max = " + std::to_string(limits::key_bytes_max)};
    }
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

Result<Record> RecordMaker::make(const Payload& payload, const From& from) {
  RecordHeader header;
  header.key = from.session_key;
  header.event_time = from.arrived;
  header.deadline = from.deadline;
  header.origin = {settings_.node, settings_.gateway, settings_.incarnation, from.session, from.request};
  header.revision = settings_.revision;
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
