#include "toml_lines.hpp"

#include <algorithm>

namespace skep {
namespace {

constexpr std::string_view blanks = " \t\r";

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Of a key, or inside a header.
bool is_key_letter(char c) {
  return is_name_letter(c) || c == '.' || c == '"' || c == '\'' || c == ' ' || c == '\t';
}

bool is_header_letter(char c) {
  return is_name_letter(c) || std::string_view(".[] \t\r").find(c) != std::string_view::npos;
}

/// Whether a list, a table or a string of many lines that begins here ends here, too.
bool ends_here(std::string_view value) {
  const auto count = [&](char c) { return std::ranges::count(value, c); };
  const bool many_lines = value.find("\"\"\"") != std::string_view::npos || value.find("'''") != std::string_view::npos;
  return !many_lines && count('[') == count(']') && count('{') == count('}');
}

}  // namespace

TomlLine looks_like(std::string_view line) noexcept {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  if (line.starts_with('[')) {
    const auto header = line.substr(0, line.find('#'));
    return std::ranges::all_of(header, is_header_letter) ? TomlLine::header : TomlLine::other;
  }
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return TomlLine::other;
  const bool plain = std::ranges::all_of(line.substr(0, equals), is_key_letter);
  return plain && ends_here(line.substr(equals)) ? TomlLine::key : TomlLine::other;
}

TomlLines::TomlLines(std::string_view text) {
  for (;;) {
    const auto end = text.find('\n');
    lines_.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string TomlLines::text() const {
  std::string text;
  for (const auto& line : lines_) text.append(&line == &lines_.front() ? "" : "\n").append(line);
  return text;
}

std::string_view TomlLines::line(std::size_t number) const noexcept {
  return number == 0 || number > lines_.size() ? std::string_view{} : lines_[number - 1];
}

bool TomlLines::leave_out(std::size_t number) {
  const auto looks = looks_like(line(number));
  if (looks == TomlLine::other) return false;
  auto& line = lines_[number - 1];
  line.clear();
  if (looks == TomlLine::header) {
    stand_ins_.push_back("(line " + std::to_string(number) + ")");
    line = "[\"" + stand_ins_.back() + "\"]";
  }
  return true;
}

void TomlLines::remove_stand_ins(OptionValue& root) const {
  std::erase_if(std::get<OptionValue::Table>(root.value), [&](const OptionValue::Member& member) {
    return std::ranges::find(stand_ins_, member.key) != stand_ins_.end();
  });
}

}  // namespace skep
