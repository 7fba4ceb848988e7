#include "window_options.hpp"

#include <algorithm>
#include <optional>

namespace skep {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds unit = std::chrono::milliseconds(1);  // of begins and ends in JSON

std::optional<nanoseconds> duration_at(const OptionValue& table, std::string_view name) {
  const auto* value = table.find(name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  return text == nullptr ? std::nullopt : parse_duration(*text);
}

void check_unit(const OptionValue& table, std::string_view name, std::vector<OptionProblem>& problems) {
  const auto duration = duration_at(table, name);
  if (!duration || *duration % unit == nanoseconds(0)) return;
  problems.push_back({table.find(name)->position,
                      "'" + std::string(name) + "' is " + to_string(*duration) + ": it is whole milliseconds", ""});
}

void check_slide(const OptionValue& table, nanoseconds window, nanoseconds slide,
                 std::vector<OptionProblem>& problems) {
  const auto where = table.find("slide")->position;
  if (slide > window) {
    problems.push_back({where,
                        "'slide' is " + to_string(slide) + ", 'window' is " + to_string(window) +
                            ": records between two windows would be in none",
                        ""});
  }
  const auto each = WindowRules{.length = window, .slide = slide}.windows_of_one();
  if (each <= limits::windows_of_one_record_max) return;
  problems.push_back({where,
                      "each record would be in " + std::to_string(each) + " windows; at most " +
                          std::to_string(limits::windows_of_one_record_max),
                      "a longer 'slide'"});
}

void check_room(const OptionValue& table, nanoseconds window, nanoseconds slide, std::vector<OptionProblem>& problems) {
  const auto* room = table.find("windows_max");
  const auto* count = room == nullptr ? nullptr : std::get_if<std::int64_t>(&room->value);
  const auto each = WindowRules{.length = window, .slide = slide}.windows_of_one();
  if (count == nullptr || *count < 1 || static_cast<std::uint64_t>(*count) >= each) return;
  problems.push_back({room->position,
                      "'windows_max' is " + std::to_string(*count) + ", and each record is in " + std::to_string(each) +
                          " windows: none would be taken",
                      ""});
}

std::uint64_t hash(std::string_view text, std::uint64_t seed) {  // FNV-1a
  for (const char byte : text) seed = (seed ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
  return seed;
}

}  // namespace

WindowRules WindowOptions::rules() const {
  return {window,
          slide,
          out_of_order,
          lateness,
          idle,
          ahead_max,
          static_cast<std::size_t>(keys_max),
          static_cast<std::size_t>(windows_max)};
}

void check_windows(const OptionValue& table, std::vector<OptionProblem>& problems) {
  check_unit(table, "window", problems);
  check_unit(table, "slide", problems);
  const auto window = duration_at(table, "window");
  const auto slide = duration_at(table, "slide").value_or(nanoseconds(0));
  if (!window || window->count() <= 0 || slide.count() < 0) return;
  if (slide.count() > 0) check_slide(table, *window, slide, problems);
  check_room(table, *window, slide, problems);
}

RecordHeader header_of_window(std::string_view bee, const WindowName& window) {
  const auto count = [](EventTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); };
  constexpr std::uint64_t one_seed = 0xCBF29CE484222325u, other_seed = 0x84222325CBF29CE4u;
  const RecordId of_key{hash(window.key, one_seed), hash(window.key, other_seed)};
  RecordHeader header;
  header.root = of_key.derived(count(window.begin)).derived(count(window.end));
  header.id = header.root.derived(hash(bee, one_seed)).derived(window.revision);
  header.key = window.key;
  header.event_time = window.begin;
  return header;
}

void write_window(JsonWriter& json, const WindowName& window) {
  const auto milliseconds = [](EventTime time) {
    return std::int64_t{std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count()};
  };
  json.key("key").value(window.key);
  json.key("begin").value(milliseconds(window.begin));
  json.key("end").value(milliseconds(window.end));
  if (window.revision > 0) json.key("revision").value(window.revision);
}

}  // namespace skep
