#include "testing/json_value.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>

#include "skep/serialization/json.hpp"

namespace skep::testing {
namespace {

JsonValue whole(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {number};
  return {static_cast<std::int64_t>(number)};
}

JsonValue normal(double number) {
  constexpr double two_to_63 = 9223372036854775808.0, two_to_64 = 18446744073709551616.0;
  if (number != std::trunc(number)) return {number};
  if (number >= -two_to_63 && number < two_to_63) return {static_cast<std::int64_t>(number)};
  if (number >= 0 && number < two_to_64) return {static_cast<std::uint64_t>(number)};
  return {number};
}

void append_utf8(std::uint32_t point, std::string& text) {
  const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

/// Of a text that is known to be JSON, nested no deeper than limits::json_depth_max.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  JsonValue value() {
    skip_blanks();
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return {string()};
      case 't':
        at_ += 4;
        return {true};
      case 'f':
        at_ += 5;
        return {false};
      case 'n':
        at_ += 4;
        return {nullptr};
      default:
        return number();
    }
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  /// What stands between two parts, or ends them.
  bool goes_on(char close) {
    skip_blanks();
    const char c = peek();
    ++at_;
    return c != close && at_ <= text_.size();
  }

  JsonValue object() {
    JsonValue::Object members;
    ++at_;
    skip_blanks();
    if (peek() == '}') return ++at_, JsonValue{std::move(members)};
    do {
      skip_blanks();
      auto name = string();
      skip_blanks();
      ++at_;  // ':'
      members.push_back({std::move(name), value()});
    } while (goes_on('}'));
    std::ranges::stable_sort(members, {}, &JsonValue::Member::name);
    const auto same = [](const auto& one, const auto& other) { return one.name == other.name; };
    members.erase(std::unique(members.begin(), members.end(), same), members.end());
    return {std::move(members)};
  }

  JsonValue array() {
    JsonValue::Array elements;
    ++at_;
    skip_blanks();
    if (peek() == ']') return ++at_, JsonValue{std::move(elements)};
    do {
      elements.push_back(value());
    } while (goes_on(']'));
    return {std::move(elements)};
  }

  std::string string() {
    std::string text;
    for (++at_; at_ < text_.size() && peek() != '"';) {
      const char c = text_[at_++];
      if (c == '\\') {
        escape(text);
      } else {
        text += c;
      }
    }
    ++at_;
    return text;
  }

  void escape(std::string& text) {
    const char c = peek();
    ++at_;
    if (c == 'u') return append_utf8(code_point(), text);
    constexpr std::string_view letters = "bfnrt", controls = "\b\f\n\r\t";
    const auto place = letters.find(c);
    text += place == std::string_view::npos ? c : controls[place];
  }

  std::uint32_t four_digits() {
    std::uint32_t unit = 0;
    const auto digits = text_.substr(std::min(at_, text_.size()), 4);
    std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    at_ += 4;
    return unit;
  }

  std::uint32_t code_point() {
    const auto unit = four_digits();
    const bool high = unit >= 0xD800 && unit < 0xDC00;
    if (!high || text_.substr(std::min(at_, text_.size()), 2) != "\\u") return unit;
    at_ += 2;
    return 0x10000 + ((unit - 0xD800) << 10) + (four_digits() - 0xDC00);
  }

  JsonValue number() {
    const auto end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const auto digits = text_.substr(at_, end - at_);
    at_ = std::max(end, at_ + 1);  // goes on whatever stands there
    const auto *first = digits.data(), *last = digits.data() + digits.size();
    if (digits.find_first_of(".eE") == std::string_view::npos) {
      std::int64_t integer = 0;
      if (std::from_chars(first, last, integer).ec == std::errc{}) return {integer};
      std::uint64_t natural = 0;
      if (std::from_chars(first, last, natural).ec == std::errc{}) return whole(natural);
    }
    double number = 0;  // too small a number is none
    std::from_chars(first, last, number);
    return normal(number);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void write(JsonWriter& json, const JsonValue& value) {
  if (const auto* object = std::get_if<JsonValue::Object>(&value.value)) {
    json.begin_object();
    for (const auto& member : *object) write(json.key(member.name), member.value);
    json.end_object();
  } else if (const auto* array = std::get_if<JsonValue::Array>(&value.value)) {
    json.begin_array();
    for (const auto& element : *array) write(json, element);
    json.end_array();
  } else if (const auto* text = std::get_if<std::string>(&value.value)) {
    json.value(*text);
  } else if (const auto* flag = std::get_if<bool>(&value.value)) {
    json.value(*flag);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.value)) {
    json.value(*integer);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value.value)) {
    json.value(*natural);
  } else if (const auto* number = std::get_if<double>(&value.value)) {
    json.value(*number);
  } else {
    json.null();
  }
}

std::optional<long double> number_of(const JsonValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value.value)) return static_cast<long double>(*integer);
  if (const auto* natural = std::get_if<std::uint64_t>(&value.value)) return static_cast<long double>(*natural);
  if (const auto* number = std::get_if<double>(&value.value)) return static_cast<long double>(*number);
  return std::nullopt;
}

std::string shown(const JsonValue& value) {
  constexpr std::size_t shown_max = 80;
  auto text = canonical(value);
  if (text.size() <= shown_max) return text;
  auto cut = shown_max - 4;
  while (cut > 0 && (text[cut] & 0xC0) == 0x80) --cut;  // not inside a character
  return text.substr(0, cut) + " ...";
}

/// Compares, and says where the first difference is if that is asked for.
class Comparison {
 public:
  Comparison(const TestMatch& match, bool tells) : match_(match), tells_(tells) {}

  bool same(const JsonValue& expected, const JsonValue& got) {
    const auto* object = std::get_if<JsonValue::Object>(&expected.value);
    const auto* other_object = std::get_if<JsonValue::Object>(&got.value);
    if (object != nullptr && other_object != nullptr) return same_objects(*object, *other_object);
    const auto* array = std::get_if<JsonValue::Array>(&expected.value);
    const auto* other_array = std::get_if<JsonValue::Array>(&got.value);
    if (array != nullptr && other_array != nullptr) return same_arrays(*array, *other_array);
    if (same_scalars(expected, got)) return true;
    return tells_ ? tell(" is " + shown(got) + ", expected " + shown(expected)) : false;
  }
  [[nodiscard]] std::string said() const { return said_.empty() ? "" : "$" + said_; }

 private:
  bool same_objects(const JsonValue::Object& expected, const JsonValue::Object& got) {
    auto other = got.begin();
    for (const auto& member : expected) {
      for (; other != got.end() && other->name < member.name; ++other) {
        if (!match_.contains) return tell_name(*other, " was not expected");
      }
      if (other == got.end() || other->name != member.name) return tell_name(member, " is missing");
      if (!same(member.value, other->value)) return inside(member.name);
      ++other;
    }
    return other == got.end() || match_.contains || tell_name(*other, " was not expected");
  }

  bool same_arrays(const JsonValue::Array& expected, const JsonValue::Array& got) {
    for (std::size_t i = 0; i < std::min(expected.size(), got.size()); ++i) {
      if (same(expected[i], got[i])) continue;
      if (tells_) said_ = "[" + std::to_string(i) + "]" + said_;
      return false;
    }
    if (expected.size() == got.size()) return true;
    if (!tells_) return false;
    return tell(" has " + std::to_string(got.size()) + " elements, expected " + std::to_string(expected.size()));
  }

  [[nodiscard]] bool same_scalars(const JsonValue& expected, const JsonValue& got) const {
    const bool same_kind = expected.value.index() == got.value.index();
    const auto one = number_of(expected), other = number_of(got);
    if (one && other) {
      if (same_kind && *one == *other) return true;
      return match_.tolerance > 0 && std::abs(*one - *other) <= static_cast<long double>(match_.tolerance);
    }
    if (!same_kind) return false;
    if (const auto* text = std::get_if<std::string>(&expected.value)) return *text == std::get<std::string>(got.value);
    if (const auto* flag = std::get_if<bool>(&expected.value)) return *flag == std::get<bool>(got.value);
    return std::holds_alternative<std::nullptr_t>(expected.value);
  }

  bool tell(std::string text) {
    if (tells_) said_ = std::move(text);
    return false;
  }
  bool tell_name(const JsonValue::Member& member, const char* what) {
    return tells_ ? tell("." + member.name + what) : false;
  }
  bool inside(const std::string& name) {
    if (tells_) said_ = "." + name + said_;
    return false;
  }

  const TestMatch& match_;
  bool tells_;
  std::string said_;
};

}  // namespace

std::optional<JsonValue> parse_json(std::string_view text) {
  if (!check_json(text)) return std::nullopt;
  return Parser(text).value();
}

std::string canonical(const JsonValue& value) {
  JsonWriter json;
  write(json, value);
  return json.take();
}

bool matches(const JsonValue& expected, const JsonValue& got, const TestMatch& match) {
  return Comparison(match, false).same(expected, got);
}

std::string difference(const JsonValue& expected, const JsonValue& got, const TestMatch& match) {
  Comparison comparison(match, true);
  return comparison.same(expected, got) ? "" : comparison.said();
}

}  // namespace skep::testing
