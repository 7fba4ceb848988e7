#include "toml_mistake.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "skep/runtime/limits.hpp"

namespace skep {
namespace {

constexpr std::string_view quotes = "a string stands in quotes";

/// A part of a description, and what it means. The first that is found counts.
struct Meaning {
  std::string_view part;
  std::string_view message;
  std::string_view suggestion{};
};

constexpr std::array meanings{
    Meaning{"could not determine value type", "this is no value", quotes},
    Meaning{"expected 'nan'", "this is no value", quotes},
    Meaning{"expected 'inf'", "this is no value", quotes},
    Meaning{"expected 'true'", "this is no value", "true or false, in small letters; a string stands in quotes"},
    Meaning{"expected 'false'", "this is no value", "true or false, in small letters; a string stands in quotes"},
    Meaning{"expected value, saw", "a value is missing"},
    Meaning{"expected '=', saw", "no '=' behind the key", "key = value"},
    Meaning{"expected a comment or whitespace", "there is more on this line than belongs to it",
            "a line for each key; a string stands in quotes"},
    Meaning{"expected ']', saw", "no ']' at the end of a table's name"},
    Meaning{"tables with blank bare keys", "a table without a name"},
    Meaning{"brackets must be contiguous", "blanks between '[[' or ']]'"},
    Meaning{"expected bare key starting character", "a key is missing, or begins with what no key has",
            "a key has letters, digits, '-' and '_', or stands in quotes"},
    Meaning{"expected keys, tables", "this line is neither a key nor a table", "key = value, or [table]"},
    Meaning{"into existing inline table", "a table in braces ends with its '}': nothing can be added to it"},
    Meaning{"dangling comma", "a comma with nothing behind it"},
    Meaning{"expected key or closing '}'", "no key and no '}' here", "a table in braces stands on one line"},
    Meaning{"expected comma or closing '}'", "no ',' and no '}' here", "a table in braces stands on one line"},
    Meaning{"expected comma or closing ']'", "no ',' and no ']' here"},
    Meaning{"multi-line strings are prohibited", "a key is no string of several lines"},
    Meaning{"prohibited in comments", "a control character or a surrogate in a comment"},
    Meaning{"control character", "the line ends inside a string, or there is a control character in it",
            "close the quotes, or write \\n, \\t or \\u0001 in double quotes"},
    Meaning{"unicode surrogates", "a surrogate (U+D800 to U+DFFF) is no character"},
    Meaning{"greater than U+10FFFF", "there is no character beyond U+10FFFF"},
    Meaning{"escape sequence", "no such escape in a string", "\\\\ is a backslash; single quotes take it as it is"},
    Meaning{"expected hex digit", "an escape with too few hexadecimal digits"},
    Meaning{"line-ending backslashes", "more text behind a backslash that ends a line"},
    Meaning{"leading zeroes", "a number begins with 0"},
    Meaning{"underscores", "'_' in a number stands between two digits"},
    Meaning{"not representable in 64 bits", "an integer that does not fit 64 bits"},
    Meaning{"could not be interpreted as a value", "a number that is too large for a double"},
    Meaning{"utf-8", "this is not UTF-8"},
};

struct Scope {
  std::string_view of_toml;
  std::string_view name;
};

/// What the parser was inside of when the text ended.
constexpr std::array open_scopes{
    Scope{"literal string", "a string in single quotes"},
    Scope{"string", "a string in quotes"},
    Scope{"array", "a list"},
    Scope{"inline table", "a table in braces"},
    Scope{"table header", "the name of a table"},
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "boolean", of "Error while parsing boolean: ...".
std::string_view scope_of(std::string_view description) {
  constexpr std::string_view before = "Error while parsing ";
  if (!description.starts_with(before)) return {};
  description.remove_prefix(before.size());
  return description.substr(0, description.find(':'));
}

bool is_no_value_of_others(std::string_view word) {
  constexpr std::array words{"null", "nil", "none"};
  std::string small(word);
  std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  return std::ranges::find(words, small) != words.end();
}

/// Of what was there before: "cannot redefine existing table 'a.b'".
std::optional<TomlMistake> redefined(std::string_view description) {
  constexpr std::string_view cannot = "cannot redefine existing ";
  const auto at = description.find(cannot);
  if (at == std::string_view::npos) return std::nullopt;
  const auto open = description.find('\'', at), close = description.find('\'', open + 1);
  if (open == std::string_view::npos || close == std::string_view::npos) {
    return TomlMistake{"what this key adds to is there already, and takes nothing more", {}};
  }
  return TomlMistake{std::string(description.substr(open, close + 1 - open)) + " is there already", {}};
}

std::string unfinished(std::string_view scope) {
  const auto found = std::ranges::find(open_scopes, scope, &Scope::of_toml);
  return "the file ends inside " + (found == open_scopes.end() ? "a line" : std::string(found->name));
}

TomlMistake by_scope(std::string_view scope) {
  if (has(scope, "date") || has(scope, "time")) return {"this is no date and no time", std::string(quotes)};
  if (has(scope, "integer") || has(scope, "floating-point")) return {"this is no number", std::string(quotes)};
  return {"this is not TOML", {}};
}

}  // namespace

TomlMistake toml_mistake(std::string_view description, std::string_view word) {
  const bool no_value = has(description, "could not determine value type") || has(description, "expected 'nan'");
  if (no_value && is_no_value_of_others(word)) {
    return {"TOML has no '" + std::string(word) + "'", "leave it out; a record with one is a string: '{\"a\": null}'"};
  }
  if (auto mistake = redefined(description)) return *mistake;
  if (has(description, "end-of-file")) return {unfinished(scope_of(description)), {}};
  if (has(description, "maximum nested value depth")) {
    return {"lists and tables in each other, more than file_nesting_max = " + std::to_string(limits::file_nesting_max),
            {}};
  }
  const auto found = std::ranges::find_if(meanings, [&](const Meaning& each) { return has(description, each.part); });
  if (found == meanings.end()) return by_scope(scope_of(description));
  return {std::string(found->message), std::string(found->suggestion)};
}

}  // namespace skep
