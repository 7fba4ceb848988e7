#include "skep/actors/option.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace skep {

const OptionValue* OptionValue::find(std::string_view key) const noexcept {
  const auto* table = std::get_if<Table>(&value);
  if (table == nullptr) return nullptr;
  const auto member = std::find_if(table->begin(), table->end(), [&](const Member& each) { return each.key == key; });
  return member == table->end() ? nullptr : &member->value;
}

namespace {

/// Where a file's reader could not make anything of a value, and has said so.
bool is_reported(const OptionValue& value) {
  return std::holds_alternative<std::monostate>(value.value) && value.position.line != 0;
}

std::vector<std::string> names_of(const std::vector<OptionDescription>& descriptions) {
  std::vector<std::string> names;
  for (const auto& each : descriptions) names.push_back(each.name);
  return names;
}

std::string shortest(double number) {
  char digits[32];
  const bool whole = number == std::floor(number) && std::abs(number) < 1e15;
  const auto end = whole ? std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed).ptr
                         : std::to_chars(digits, digits + sizeof digits, number).ptr;
  return {digits, end};
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::vector<OptionProblem> read_options(
    const OptionValue& table, SourcePosition where, const std::vector<OptionDescription>& descriptions,
    const std::function<std::optional<std::string>(std::size_t, const OptionValue&)>& read) {
  std::vector<OptionProblem> problems;
  const auto* members = std::get_if<OptionValue::Table>(&table.value);
  if (is_reported(table) || (members == nullptr && !std::holds_alternative<std::monostate>(table.value))) {
    return {{table.position.line != 0 ? table.position : where, detail::expected("a table of options", table), ""}};
  }
  const auto names = names_of(descriptions);
  std::vector<std::string> meant;  // by keys that are misspelt
  for (const auto& member : members != nullptr ? *members : OptionValue::Table{}) {
    const auto known = std::find_if(descriptions.begin(), descriptions.end(),
                                    [&](const OptionDescription& each) { return each.name == member.key; });
    if (known == descriptions.end()) {
      problems.push_back({member.key_position.line != 0 ? member.key_position : where,
                          "unknown option '" + member.key + "'", suggest(member.key, names)});
      meant.push_back(nearest(member.key, names).value_or(""));
    } else if (auto problem = read(static_cast<std::size_t>(known - descriptions.begin()), member.value)) {
      if (!problem->empty()) problem->insert(0, "option '" + member.key + "': ");
      problems.push_back({member.value.position.line != 0 ? member.value.position : where, *problem, ""});
    }
  }
  for (const auto& option : descriptions) {
    const bool there = table.find(option.name) != nullptr || std::ranges::count(meant, option.name) > 0;
    if (option.rules.required && !there) {
      problems.push_back({where, "missing required option '" + option.name + "'", ""});
    }
  }
  return problems;
}

std::string rules_text(const OptionDescription& option) {
  const auto& rules = option.rules;
  const auto shown = [&](double size) {
    if (option.type == "duration") return detail::show_magnitude(std::chrono::nanoseconds{}, size);
    if (option.type == "size") return detail::show_magnitude(ByteSize{}, size);
    return shortest(size);
  };
  std::string words;
  for (const auto& word : rules.one_of) words += (words.empty() ? "one of: " : ", ") + quoted(word);
  if (!words.empty()) return words;
  if (rules.min && rules.max) return shown(*rules.min) + " to " + shown(*rules.max);
  if (rules.min) return "at least " + shown(*rules.min);
  return rules.max ? "at most " + shown(*rules.max) : "";
}

namespace detail {
namespace {

struct TypeOf {
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(bool) const { return "a boolean"; }
  std::string operator()(std::int64_t) const { return "an integer"; }
  std::string operator()(double) const { return "a number"; }
  std::string operator()(const std::string&) const { return "a string"; }
  std::string operator()(const OptionValue::Array&) const { return "a list"; }
  std::string operator()(const OptionValue::Table&) const { return "a table"; }
};

template <class T>
std::optional<std::string> read_as(const OptionValue& from, T& to, std::string_view what) {
  const auto* value = std::get_if<T>(&from.value);
  if (value == nullptr) return expected(what, from);
  to = *value;
  return std::nullopt;
}

}  // namespace

std::string expected(std::string_view what, const OptionValue& got) {
  if (is_reported(got)) return {};
  return "expected " + std::string(what) + ", got " + std::visit(TypeOf{}, got.value);
}

std::optional<std::string> read(const OptionValue& from, bool& to) {
  return read_as(from, to, "a boolean");
}

std::optional<std::string> read(const OptionValue& from, std::int64_t& to) {
  return read_as(from, to, "an integer");
}

std::optional<std::string> read(const OptionValue& from, double& to) {
  if (const auto* integer = std::get_if<std::int64_t>(&from.value)) {
    to = static_cast<double>(*integer);
    return std::nullopt;
  }
  if (auto problem = read_as(from, to, "a number")) return problem;
  if (!std::isfinite(to)) return "expected a finite number, got " + shortest(to);
  return std::nullopt;
}

std::optional<std::string> read(const OptionValue& from, std::string& to) {
  return read_as(from, to, "a string");
}

std::optional<std::string> read(const OptionValue& from, std::chrono::nanoseconds& to) {
  constexpr auto what = "a duration with a unit, such as \"2ms\"";
  const auto* text = std::get_if<std::string>(&from.value);
  if (text == nullptr) return expected(what, from);
  const auto duration = parse_duration(*text);
  if (!duration) return "expected " + std::string(what) + ", got " + quoted(*text);
  to = *duration;
  return std::nullopt;
}

std::optional<std::string> read(const OptionValue& from, ByteSize& to) {
  constexpr auto what = "a size such as \"64KiB\"";
  const auto* integer = std::get_if<std::int64_t>(&from.value);
  const auto* text = std::get_if<std::string>(&from.value);
  if (integer == nullptr && text == nullptr) return expected(what, from);
  const auto shown = integer != nullptr ? std::to_string(*integer) : *text;
  const auto size = parse_byte_size(shown);
  if (!size) return "expected " + std::string(what) + ", got " + (text != nullptr ? quoted(shown) : shown);
  to = *size;
  return std::nullopt;
}

std::optional<std::string> read(const OptionValue& from, OptionValue& to) {
  to = from;
  return std::nullopt;
}

std::string type_name(const bool&) {
  return "bool";
}
std::string type_name(const std::int64_t&) {
  return "integer";
}
std::string type_name(const double&) {
  return "number";
}
std::string type_name(const std::string&) {
  return "string";
}
std::string type_name(const std::chrono::nanoseconds&) {
  return "duration";
}
std::string type_name(const ByteSize&) {
  return "size";
}
std::string type_name(const OptionValue&) {
  return "value";
}

std::string show(const bool& value) {
  return value ? "true" : "false";
}
std::string show(const std::int64_t& value) {
  return std::to_string(value);
}
std::string show(const double& value) {
  return shortest(value);
}
std::string show(const std::string& value) {
  return quoted(value);
}
std::string show(const std::chrono::nanoseconds& value) {
  return quoted(to_string(value));
}
std::string show(const ByteSize& value) {
  return quoted(to_string(value));
}

std::string show(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return show(*text);
  if (const auto* truth = std::get_if<bool>(&value.value)) return show(*truth);
  if (const auto* integer = std::get_if<std::int64_t>(&value.value)) return show(*integer);
  if (const auto* number = std::get_if<double>(&value.value)) return show(*number);
  if (const auto* array = std::get_if<OptionValue::Array>(&value.value)) return show(*array);
  const auto* table = std::get_if<OptionValue::Table>(&value.value);
  if (table == nullptr) return "";
  std::string text = "{";
  for (const auto& member : *table) text += (text.size() > 1 ? ", " : " ") + member.key + " = " + show(member.value);
  return text + " }";
}

double magnitude(const std::int64_t& value) {
  return static_cast<double>(value);
}
double magnitude(const double& value) {
  return value;
}
double magnitude(const std::chrono::nanoseconds& value) {
  return std::chrono::duration<double>(value).count();
}
double magnitude(const ByteSize& value) {
  return static_cast<double>(value.bytes);
}

std::string show_magnitude(const std::int64_t&, double value) {
  return shortest(value);
}
std::string show_magnitude(const double&, double value) {
  return shortest(value);
}
std::string show_magnitude(const std::chrono::nanoseconds&, double value) {
  return to_string(std::chrono::nanoseconds(std::llround(value * 1e9)));
}
std::string show_magnitude(const ByteSize&, double value) {
  return to_string(ByteSize{static_cast<std::uint64_t>(std::llround(value))});
}

std::optional<std::string> check_one_of(const std::string& text, const OptionRules& rules) {
  const auto& known = rules.one_of;
  if (known.empty() || std::find(known.begin(), known.end(), text) != known.end()) return std::nullopt;
  std::string problem = quoted(text) + " is not one of ";
  for (const auto& each : known) problem += (&each == &known.front() ? "" : ", ") + quoted(each);
  if (const auto near = nearest(text, known)) problem += " (did you mean " + quoted(*near) + "?)";
  return problem;
}

}  // namespace detail
}  // namespace skep
