#include "json_scalar.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "json_text.hpp"
#include "skep/serialization/nearest.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

namespace dom = simdjson::dom;
using Which = capnp::schema::Type;

constexpr double exact_max = 9007199254740992.0;  // 2^53: larger doubles are not one integer each
constexpr std::size_t shown_bytes_max = 40;

struct IntegerType {
  const char* name;
  std::int64_t min;
  std::uint64_t max;
};

IntegerType integer_type(Which::Which which) {
  switch (which) {
    case Which::INT8:
      return {"Int8", std::numeric_limits<std::int8_t>::min(), std::numeric_limits<std::int8_t>::max()};
    case Which::INT16:
      return {"Int16", std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case Which::INT32:
      return {"Int32", std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case Which::UINT8:
      return {"UInt8", 0, std::numeric_limits<std::uint8_t>::max()};
    case Which::UINT16:
      return {"UInt16", 0, std::numeric_limits<std::uint16_t>::max()};
    case Which::UINT32:
      return {"UInt32", 0, std::numeric_limits<std::uint32_t>::max()};
    case Which::UINT64:
      return {"UInt64", 0, std::numeric_limits<std::uint64_t>::max()};
    default:
      return {"Int64", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

std::string range_of(const IntegerType& type) {
  return std::to_string(type.min) + " to " + std::to_string(type.max) + " (" + type.name + ")";
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(utf8_prefix(text, shown_bytes_max), out);
  if (text.size() > shown_bytes_max) out += "...";
  return out;
}

std::string shown(dom::element value) {
  switch (value.type()) {
    case dom::element_type::ARRAY:
      return "a list";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::INT64:
      return std::to_string(value.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return std::to_string(value.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE: {
      std::string out;
      (void)append_json_number(value.get_double().value_unsafe(), out);
      return out;
    }
    case dom::element_type::STRING:
      return "the string " + quoted(value.get_string().value_unsafe());
    case dom::element_type::BOOL:
      return value.get_bool().value_unsafe() ? "true" : "false";
    case dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

/// An integer of either sign, as its magnitude.
struct Integer {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

Integer of_signed(std::int64_t number) {
  return number < 0 ? Integer{true, ~static_cast<std::uint64_t>(number) + 1}
                    : Integer{false, static_cast<std::uint64_t>(number)};
}

/// Digits, with a sign at most, that 64 bits hold.
std::optional<Integer> of_digits(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  Integer integer{negative, 0};
  const auto* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, integer.magnitude);
  if (error != std::errc() || rest != end || digits.empty()) return std::nullopt;
  return integer;
}

std::optional<Integer> integer_of(dom::element from, bool digits) {
  switch (from.type()) {
    case dom::element_type::INT64:
      return of_signed(from.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return Integer{false, from.get_uint64().value_unsafe()};
    case dom::element_type::DOUBLE: {
      const auto number = from.get_double().value_unsafe();
      if (std::abs(number) > exact_max || number != std::trunc(number)) return std::nullopt;
      return of_signed(static_cast<std::int64_t>(number));
    }
    case dom::element_type::STRING:
      return digits ? of_digits(from.get_string().value_unsafe()) : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// A whole number with a fraction or an exponent, of which nobody knows whether it was rounded: "1e18".
bool is_inexact(dom::element from) {
  double number = 0;
  return from.type() == dom::element_type::DOUBLE && from.get_double().get(number) == simdjson::SUCCESS &&
         std::abs(number) > exact_max && number == std::trunc(number);
}

/// In the range of its type.
Integer checked_integer(const ValuePlan& plan, dom::element from, const ValuePath& at) {
  const auto type = integer_type(plan.which);
  const bool wide = plan.which == Which::INT64 || plan.which == Which::UINT64;
  const auto integer = integer_of(from, wide);
  if (!integer && wide && is_inexact(from)) {
    throw Unconvertible{errc::bad_record, at.text() + ": " + shown(from) +
                                              " may have been rounded: beyond 2^53 an integer (" + type.name +
                                              ") is written with all its digits"};
  }
  if (!integer) unexpected("an integer of " + range_of(type), from, at);
  const auto min_magnitude = of_signed(type.min).magnitude;
  const bool fits = integer->negative ? integer->magnitude <= min_magnitude : integer->magnitude <= type.max;
  if (fits) return *integer;
  throw Unconvertible{errc::bad_record, at.text() + ": " + shown(from) + " is out of range: " + range_of(type)};
}

}  // namespace

void unexpected(const std::string& expected, dom::element got, const ValuePath& at) {
  throw Unconvertible{errc::bad_record, at.text() + ": expected " + expected + ", got " + shown(got)};
}

std::int64_t signed_integer(const ValuePlan& plan, dom::element from, const ValuePath& at) {
  const auto integer = checked_integer(plan, from, at);
  return static_cast<std::int64_t>(integer.negative ? ~integer.magnitude + 1 : integer.magnitude);
}

std::uint64_t unsigned_integer(const ValuePlan& plan, dom::element from, const ValuePath& at) {
  return checked_integer(plan, from, at).magnitude;
}

double real_number(const ValuePlan& plan, dom::element from, const ValuePath& at) {
  const bool narrow = plan.which == Which::FLOAT32;
  double number = 0;
  if (from.type() == dom::element_type::STRING || from.get_double().get(number) != simdjson::SUCCESS) {
    unexpected(narrow ? "a number (Float32)" : "a number (Float64)", from, at);
  }
  if (!narrow || std::isfinite(static_cast<float>(number))) return number;
  throw Unconvertible{errc::bad_record, at.text() + ": " + shown(from) + " is out of range of a Float32"};
}

std::uint16_t enum_value(const EnumPlan& plan, dom::element from, const ValuePath& at) {
  std::string_view name;
  if (from.get_string().get(name) != simdjson::SUCCESS) {
    const auto names = suggest("", plan.names);
    unexpected("a name of the enum" + (names.empty() ? "" : " (" + names + ")"), from, at);
  }
  const auto found = plan.values.find(name);
  if (found != plan.values.end()) return found->second;
  const auto hint = suggest(name, plan.names);
  throw Unconvertible{errc::bad_record,
                      at.text() + ": no value " + quoted(name) + (hint.empty() ? "" : " (" + hint + ")")};
}

}  // namespace skep
