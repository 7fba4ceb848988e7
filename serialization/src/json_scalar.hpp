#pragma once
// Single values of JSON as the plain types of Cap'n Proto, and the words for what does not fit.

#include <simdjson.h>

#include <cstdint>
#include <string>

#include "struct_plan.hpp"
#include "value_path.hpp"

namespace skep {

// All throw Unconvertible.
[[nodiscard]] std::int64_t signed_integer(const ValuePlan& plan, simdjson::dom::element from, const ValuePath& at);
[[nodiscard]] std::uint64_t unsigned_integer(const ValuePlan& plan, simdjson::dom::element from, const ValuePath& at);
[[nodiscard]] double real_number(const ValuePlan& plan, simdjson::dom::element from, const ValuePath& at);
[[nodiscard]] std::uint16_t enum_value(const EnumPlan& plan, simdjson::dom::element from, const ValuePath& at);

/// "$.value: expected a number (Float64), got a string"
[[noreturn]] void unexpected(const std::string& expected, simdjson::dom::element got, const ValuePath& at);

}  // namespace skep
