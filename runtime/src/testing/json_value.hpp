#pragma once
// JSON as a value that can be compared: `1` is `1.0`, and the order of an object's fields says nothing.
//
// Two values are equal exactly if their canonical texts are.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "skep/runtime/swarm_test.hpp"

namespace skep::testing {

struct JsonValue {
  using Array = std::vector<JsonValue>;
  struct Member;
  using Object = std::vector<Member>;  ///< by name, each once: of equal ones the first

  /// A number that is whole is an integer, whatever it was written as; std::uint64_t only where std::int64_t ends.
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value;
};

struct JsonValue::Member {
  std::string name;
  JsonValue value;
};

/// Nothing for a text that is no JSON, as JsonDocument has it.
[[nodiscard]] std::optional<JsonValue> parse_json(std::string_view text);
[[nodiscard]] std::string canonical(const JsonValue& value);

/// Whether `got` is what was expected. An object that is to be contained has all expected fields, and perhaps others;
/// lists have the same length.
[[nodiscard]] bool matches(const JsonValue& expected, const JsonValue& got, const TestMatch& match);
/// The first place where it is not, for people: "$.a[2] is 3, expected 4". Empty where it matches.
[[nodiscard]] std::string difference(const JsonValue& expected, const JsonValue& got, const TestMatch& match);

}  // namespace skep::testing
