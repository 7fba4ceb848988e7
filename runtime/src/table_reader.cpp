#include "table_reader.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "skep/runtime/limits.hpp"

namespace skep {

namespace {

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::string_view kind_of(const OptionValue& value) noexcept {
  static constexpr std::array<std::string_view, 7> names{"nothing",  "true or false", "an integer", "a number",
                                                         "a string", "a list",        "a table"};
  static_assert(std::variant_size_v<decltype(value.value)> == names.size());
  return names[value.value.index()];
}

bool is_name(std::string_view name) noexcept {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto rest = [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= limits::name_bytes_max && small(name[0]) && std::ranges::all_of(name, rest);
}

void check_name(std::string_view name, std::string_view what, SourcePosition position, ProblemList& problems) {
  if (is_name(name)) return;
  if (name.size() > limits::name_bytes_max) {
    return problems.error(position, std::string(what) + " is named with more than " +
                                        std::to_string(limits::name_bytes_max) + " characters");
  }
  problems.error(position, in_quotes(name) + " cannot name " + std::string(what),
                 "a small letter, then small letters, digits and '_'");
}

void report_type(const OptionValue& value, std::string_view expected, ProblemList& problems) {
  if (std::holds_alternative<std::monostate>(value.value)) return;
  problems.error(value.position, "expected " + std::string(expected) + ", got " + std::string(kind_of(value)));
}

TableReader::TableReader(const OptionValue& table, std::string what, SourcePosition position, ProblemList& problems)
    : table_(std::get<OptionValue::Table>(table.value)),
      what_(std::move(what)),
      position_(position),
      problems_(problems) {}

const TableReader::Member* TableReader::find(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  const auto found = std::ranges::find(table_, key, &Member::key);
  return found == table_.end() ? nullptr : &*found;
}

const TableReader::Member* TableReader::require(std::string_view key, std::string_view example) {
  const auto* member = find(key);
  if (member == nullptr && misspelt(key) == nullptr && !problems_.lines_missing) {
    problems_.error(position_, what_ + " has no " + in_quotes(key),
                    "add " + std::string(key) + " = " + std::string(example));
  }
  return member;
}

const TableReader::Member* TableReader::misspelt(std::string_view key) const {
  const std::vector<std::string> wanted{std::string(key)};
  const auto found = std::ranges::find_if(
      table_, [&](const Member& member) { return member.key != key && nearest(member.key, wanted).has_value(); });
  return found == table_.end() ? nullptr : &*found;
}

std::optional<std::string> TableReader::text(std::string_view key) {
  const auto* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&member->value.value)) return *text;
  report_type(member->value, in_quotes(key) + " to be a string", problems_);
  return std::nullopt;
}

std::optional<std::uint32_t> TableReader::count(std::string_view key, std::uint32_t min, std::uint32_t max) {
  const auto* member = find(key);
  if (member == nullptr) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&member->value.value);
  if (number == nullptr) {
    report_type(member->value, in_quotes(key) + " to be an integer", problems_);
    return std::nullopt;
  }
  if (*number < min || *number > max) {
    problems_.error(member->value.position, in_quotes(key) + " is " + std::to_string(*number) + ", out of range",
                    "from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

std::optional<std::chrono::nanoseconds> TableReader::duration(std::string_view key, std::chrono::nanoseconds max) {
  const auto* member = find(key);
  if (member == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&member->value.value);
  if (text == nullptr) {
    report_type(member->value, in_quotes(key) + " to be a duration such as \"2ms\"", problems_);
    return std::nullopt;
  }
  const auto duration = parse_duration(*text);
  if (!duration) {
    problems_.error(member->value.position, in_quotes(*text) + " is no duration", "a number and ns, us, ms, s, m or h");
  } else if (duration->count() < 0 || *duration > max) {
    problems_.error(member->value.position, in_quotes(key) + " is " + *text + ", out of range",
                    "from 0s to " + to_string(max));
  } else {
    return duration;
  }
  return std::nullopt;
}

std::optional<std::size_t> TableReader::bytes(std::string_view key) {
  const auto* member = find(key);
  if (member == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&member->value.value);
  if (text == nullptr) {
    report_type(member->value, in_quotes(key) + " to be a size such as \"16MiB\"", problems_);
    return std::nullopt;
  }
  if (const auto size = parse_byte_size(*text)) return size->bytes;
  problems_.error(member->value.position, in_quotes(*text) + " is no size", "a number and B, KiB, MiB or GiB");
  return std::nullopt;
}

std::optional<std::string> TableReader::one_of(std::string_view key, const std::vector<std::string>& words) {
  const auto* member = find(key);
  if (member == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&member->value.value);
  if (text == nullptr) {
    report_type(member->value, in_quotes(key) + " to be one of " + list_of(words), problems_);
  } else if (std::ranges::find(words, *text) == words.end()) {
    problems_.error(member->value.position, "unknown " + std::string(key) + " " + in_quotes(*text),
                    suggest(*text, words));
  } else {
    return *text;
  }
  return std::nullopt;
}

void TableReader::report_unknown_keys() const {
  for (const auto& member : table_) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    problems_.error(member.key_position, "unknown key " + in_quotes(member.key) + " in " + what_,
                    suggest(member.key, known_));
  }
}

}  // namespace skep
