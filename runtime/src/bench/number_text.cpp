#include "bench/number_text.hpp"

#include <array>
#include <charconv>

namespace skep::bench {
namespace {

std::string fixed(double number, int decimals) {
  std::array<char, 64> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed, decimals).ptr;
  return {digits.data(), end};
}

}  // namespace

std::string number_text(double number) {
  std::array<char, 400> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed).ptr;
  return {digits.data(), end};
}

std::string rate_text(double rate) {
  return fixed(rate, rate < 999.95 ? 1 : 0);
}

std::string latency_text(std::chrono::nanoseconds latency) {
  struct Unit {
    double ns;
    const char* name;
  };
  constexpr std::array<Unit, 3> units{{{1e3, "us"}, {1e6, "ms"}, {1e9, "s"}}};
  const auto ns = static_cast<double>(latency.count());
  std::size_t at = 0;
  while (at + 1 < units.size() && ns >= 999.5 * units[at].ns) ++at;
  const double value = ns / units[at].ns;
  return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + units[at].name;
}

}  // namespace skep::bench
