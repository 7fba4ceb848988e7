#include "toml_document.hpp"

#include "skep/runtime/limits.hpp"

namespace skep {

/// toml++ 3.3 takes for its own invariants what a file can break ("[=]"): such a file is refused like any other.
struct TomlInvariant {};
[[noreturn]] static void throw_invariant() { throw TomlInvariant{}; }

}  // namespace skep

#undef NDEBUG  // without its assertions toml++ would take them for granted
#define TOML_ASSERT(expression) ((expression) ? void() : ::skep::throw_invariant())
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES ::skep::limits::file_nesting_max
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace skep {

namespace {

SourcePosition position_of(const toml::source_position& at) { return {at.line, at.column}; }

/// Walks over text as far as needed to count the parts of dotted keys: strings and comments are skipped, everything
/// that cannot be inside a key ends it. Loses track only past the first syntax error, which toml++ never reads beyond.
class KeyScanner {
 public:
  explicit KeyScanner(std::string_view text) : text_(text) {}

  /// Where the first key with too many parts is.
  std::optional<SourcePosition> too_many_parts() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
      } else if (c == '#') {
        skip_to_line_end();
      } else if (count(c); parts_ > limits::file_key_parts_max) {
        return SourcePosition{line_, static_cast<std::uint32_t>(at_ - line_begin_) + 1};
      } else {
        step();
      }
    }
    return std::nullopt;
  }

 private:
  void count(char c) {
    if (c == '.') {
      ++parts_;
    } else if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) {
      parts_ = 1;
    }
  }

  void step() {
    if (text_[at_++] != '\n') return;
    ++line_;
    line_begin_ = at_;
  }

  void skip_to_line_end() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  void skip_string(char quote) {
    const std::string triple(3, quote);
    const bool many_lines = text_.substr(at_, 3) == triple;
    at_ += many_lines ? 3 : 1;
    while (at_ < text_.size() && !(text_[at_] == '\n' && !many_lines)) {
      if (many_lines ? text_.substr(at_, 3) == triple : text_[at_] == quote) break;
      if (text_[at_] == '\\' && quote == '"' && at_ + 1 < text_.size()) step();
      step();
    }
    const auto end = at_ + (many_lines ? 3 : 1);
    while (at_ < std::min(end, text_.size()) && text_[at_] == quote) ++at_;
    while (many_lines && at_ < text_.size() && text_[at_] == quote) ++at_;  // quotes right before the closing ones
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_ = 1;
  std::size_t parts_ = 1;
};

class Converter {
 public:
  explicit Converter(ProblemList& problems) : problems_(problems) {}

  OptionValue convert(const toml::node& node) {
    OptionValue value;
    value.position = position_of(node.source().begin);
    if (const auto* table = node.as_table()) {
      value.value = convert_table(*table);
    } else if (const auto* array = node.as_array()) {
      value.value = convert_array(*array);
    } else {
      convert_scalar(node, value);
    }
    return value;
  }

 private:
  OptionValue::Table convert_table(const toml::table& table) {
    OptionValue::Table members;
    members.reserve(table.size());
    for (const auto& [key, node] : table) {
      members.push_back({std::string(key.str()), position_of(key.source().begin), convert(node)});
    }
    std::ranges::stable_sort(members, {}, &OptionValue::Member::key_position);  // toml++ sorts by key
    return members;
  }

  OptionValue::Array convert_array(const toml::array& array) {
    OptionValue::Array elements;
    elements.reserve(array.size());
    for (const auto& node : array) elements.push_back(convert(node));
    return elements;
  }

  void convert_scalar(const toml::node& node, OptionValue& value) {
    if (const auto* text = node.as_string()) {
      value.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
      value.value = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
      value.value = number->get();
    } else if (const auto* flag = node.as_boolean()) {
      value.value = flag->get();
    } else {
      problems_.error(value.position, "dates and times are not used here", "write it as a string, in quotes");
    }
  }

  ProblemList& problems_;
};

std::uint32_t length_of(std::string_view line) {
  return static_cast<std::uint32_t>(std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// At the end of a text toml++ counts on past its last line.
SourcePosition inside(std::string_view text, SourcePosition position) {
  for (std::uint32_t line = 1; line < position.line; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {line, length_of(text) + 1};
    text.remove_prefix(end + 1);
  }
  return {position.line, std::min(position.column, length_of(text.substr(0, text.find('\n'))) + 1)};
}

bool breaks_invariant(std::string_view text) {
  try {
    (void)toml::parse(text);
  } catch (const TomlInvariant&) {
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
  return false;
}

/// The line at which toml++ gives up without saying where: it reads from front to back, so that every shorter text is
/// fine in this respect and every longer one is not.
std::uint32_t broken_line(std::string_view text) {
  std::vector<std::size_t> ends;  // of each line
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') ends.push_back(at + 1);
  }
  const auto fine = [&](std::size_t end) { return !breaks_invariant(text.substr(0, end)); };
  const auto first = std::ranges::partition_point(ends, fine);
  return static_cast<std::uint32_t>(first - ends.begin()) + 1;
}

}  // namespace

std::optional<OptionValue> parse_toml(std::string_view text, ProblemList& problems) {
  if (const auto where = KeyScanner(text).too_many_parts()) {
    problems.error(*where, "a key of more than " + std::to_string(limits::file_key_parts_max) + " parts");
    return std::nullopt;
  }
  try {
    return Converter(problems).convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    problems.error(inside(text, position_of(error.source().begin)), std::string(error.description()));
  } catch (const TomlInvariant&) {
    problems.error({broken_line(text), 1}, "this line is not TOML");
  }
  return std::nullopt;
}

}  // namespace skep
