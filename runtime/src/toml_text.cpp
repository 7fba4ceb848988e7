#include "toml_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "skep/serialization/utf8.hpp"

namespace skep {

namespace {

constexpr std::size_t section_names_max = 2;  // but for "options"

/// A control character, of ASCII or behind it, which none but a terminal would see.
std::string escaped(unsigned code) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  return std::string("\\u00") + digits[code >> 4] + digits[code & 15];
}

std::string escaped_ascii(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default: {
      const auto code = static_cast<unsigned char>(c);
      return code < 0x20 || code == 0x7F ? escaped(code) : std::string(1, c);
    }
  }
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto bytes = utf8_sequence(text);
    const auto second = static_cast<unsigned char>(bytes == 2 ? text[1] : 0);
    if (bytes == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD for a byte that is no UTF-8: lint refuses it, a file cannot hold it
    } else if (bytes == 1) {
      out += escaped_ascii(text[0]);
    } else if (text[0] == '\xC2' && second < 0xA0) {
      out += escaped(second);
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(std::max<std::size_t>(1, bytes));
  }
  return out + '"';
}

/// As a reader of swarm files unquotes it.
std::string without_variables(std::string text) {
  for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, 1, '$');
  return text;
}

bool is_bare(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string key_text(std::string_view key) {
  return is_bare(key) ? std::string(key) : toml_string(key);
}

/// The shortest digits that read back, told apart from an integer.
std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  std::string text(digits.data(), end);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

bool is_nothing(const OptionValue& value) {
  return std::holds_alternative<std::monostate>(value.value);
}

struct InlineText {
  std::string operator()(std::monostate) const { return "\"\""; }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return number_text(number); }
  std::string operator()(const std::string& text) const { return toml_string(without_variables(text)); }
  std::string operator()(const OptionValue::Array& list) const {
    std::string text = "[";
    for (const auto& element : list) text += (text.size() > 1 ? ", " : "") + std::visit(*this, element.value);
    return text + "]";
  }
  std::string operator()(const OptionValue::Table& table) const {
    std::string text = "{";
    for (const auto& member : table) {
      if (is_nothing(member.value)) continue;
      text += (text.size() > 1 ? ", " : " ") + key_text(member.key) + " = " + std::visit(*this, member.value.value);
    }
    return text + (text.size() > 1 ? " }" : "}");
  }
};

class SectionText {
 public:
  void add(const OptionValue::Table& table) { add(table, "", 0); }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  /// Its table, if that is a section below one of so many names.
  static const OptionValue::Table* section(const OptionValue::Member& member, std::size_t names) {
    const bool is_section = names < section_names_max || (names == section_names_max && member.key == "options");
    return is_section ? std::get_if<OptionValue::Table>(&member.value.value) : nullptr;
  }

  void add(const OptionValue::Table& table, const std::string& name, std::size_t names) {
    const auto is_own = [&](const OptionValue::Member& member) {
      return section(member, names) == nullptr && !is_nothing(member.value);
    };
    const bool has_own = std::ranges::any_of(table, is_own);
    if (names > 0 && (has_own || table.empty())) text_ += (text_.empty() ? "[" : "\n[") + name + "]\n";
    for (const auto& member : table) {
      if (is_own(member)) text_ += key_text(member.key) + " = " + std::visit(InlineText{}, member.value.value) + "\n";
    }
    for (const auto& member : table) {
      const auto* inner = section(member, names);
      if (inner != nullptr) add(*inner, (name.empty() ? "" : name + ".") + key_text(member.key), names + 1);
    }
  }

  std::string text_;
};

}  // namespace

std::string toml_text(const OptionValue& root) {
  SectionText text;
  text.add(std::get<OptionValue::Table>(root.value));
  return std::move(text).take();
}

}  // namespace skep
