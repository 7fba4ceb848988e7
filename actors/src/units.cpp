// Durations, sizes and misspelt words: the text side of options.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "skep/actors/option.hpp"

namespace skep {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 6> duration_units{{{"h", 3'600'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"s", 1'000'000'000},
                                              {"ms", 1'000'000},
                                              {"us", 1'000},
                                              {"ns", 1}}};
constexpr std::array<Unit, 4> size_units{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};

template <class Units>
const Unit* find_unit(const Units& units, std::string_view name) {
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& each) { return each.name == name; });
  return unit == units.end() ? nullptr : &*unit;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

std::optional<std::int64_t> to_integer(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// "5" of "1.5": 0.5.
double fraction_of(std::string_view digits) {
  double value = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) value = (value + (*digit - '0')) / 10;
  return value;
}

/// `amount` of thousandths of a unit: "1.5".
std::string with_thousandths(std::int64_t thousandths) {
  auto text = std::to_string(thousandths / 1000);
  if (thousandths % 1000 == 0) return text;
  auto rest = std::to_string(1000 + thousandths % 1000).substr(1);
  rest.erase(rest.find_last_not_of('0') + 1);
  return text + "." + rest;
}

/// Whether people would write `count` nanoseconds in `unit`: whole hours and minutes, the rest to thousandths.
bool suits(std::int64_t count, const Unit& unit) {
  if (unit.factor > 1'000'000'000) return count % unit.factor == 0;
  return count >= unit.factor && (unit.factor == 1 || count % (unit.factor / 1000) == 0);
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept {
  const auto whole = to_integer(take_digits(text));
  std::string_view fraction;
  if (whole && text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  const auto* unit = find_unit(duration_units, text);
  if (!whole || unit == nullptr) return std::nullopt;
  std::int64_t count = 0;
  const auto part = std::llround(fraction_of(fraction) * static_cast<double>(unit->factor));
  if (__builtin_mul_overflow(*whole, unit->factor, &count)) return std::nullopt;
  if (__builtin_add_overflow(count, static_cast<std::int64_t>(part), &count)) return std::nullopt;
  return std::chrono::nanoseconds(count);
}

std::optional<ByteSize> parse_byte_size(std::string_view text) noexcept {
  const auto number = to_integer(take_digits(text));
  const auto* unit = find_unit(size_units, text.empty() ? "B" : text);
  std::int64_t bytes = 0;
  if (!number || unit == nullptr || __builtin_mul_overflow(*number, unit->factor, &bytes)) return std::nullopt;
  return ByteSize{static_cast<std::uint64_t>(bytes)};
}

std::string to_string(std::chrono::nanoseconds duration) {
  const auto count = duration.count();
  if (count == 0) return "0s";
  if (count < 0) return std::to_string(count) + "ns";
  const auto unit =
      std::find_if(duration_units.begin(), duration_units.end(), [&](const Unit& each) { return suits(count, each); });
  const auto whole = count / unit->factor;
  if (count % unit->factor == 0) return std::to_string(whole) + std::string(unit->name);
  return with_thousandths(whole * 1000 + count % unit->factor / (unit->factor / 1000)) + std::string(unit->name);
}

std::string to_string(ByteSize size) {
  const auto unit = std::find_if(size_units.begin(), size_units.end(), [&](const Unit& each) {
    return each.factor == 1 || (size.bytes != 0 && size.bytes % static_cast<std::uint64_t>(each.factor) == 0);
  });
  return std::to_string(size.bytes / static_cast<std::uint64_t>(unit->factor)) + std::string(unit->name);
}

}  // namespace skep
