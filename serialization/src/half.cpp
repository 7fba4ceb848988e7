#include "half.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace skep {
namespace {

struct Format {
  int mantissa_bits;
  int exponent_bits;

  [[nodiscard]] constexpr int bias() const noexcept { return (1 << (exponent_bits - 1)) - 1; }
  [[nodiscard]] constexpr unsigned infinity() const noexcept { return ((1u << exponent_bits) - 1) << mantissa_bits; }
};

constexpr Format f16{10, 5};
constexpr Format bf16{7, 8};

/// Scales so that the last mantissa bit is worth one, and lets the processor round; a carry runs into the exponent.
std::optional<std::uint16_t> narrow(double number, Format format) noexcept {
  const unsigned sign = std::signbit(number) ? 0x8000u : 0u;
  const double magnitude = std::fabs(number);
  if (magnitude == 0) return static_cast<std::uint16_t>(sign);
  if (std::isinf(magnitude)) return static_cast<std::uint16_t>(sign | format.infinity());
  const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias());
  if (exponent > format.bias()) return std::nullopt;
  const auto rounded = static_cast<unsigned>(std::nearbyint(std::ldexp(magnitude, format.mantissa_bits - exponent)));
  const unsigned bits = rounded + (static_cast<unsigned>(exponent + format.bias() - 1) << format.mantissa_bits);
  if (bits >= format.infinity()) return std::nullopt;
  return static_cast<std::uint16_t>(sign | bits);
}

}  // namespace

std::optional<std::uint16_t> to_f16(double number) noexcept {
  return narrow(number, f16);
}
std::optional<std::uint16_t> to_bf16(double number) noexcept {
  return narrow(number, bf16);
}

float from_bf16(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float from_f16(std::uint16_t bits) noexcept {
  const int exponent = (bits & 0x7FFF) >> f16.mantissa_bits;
  const unsigned fraction = bits & ((1u << f16.mantissa_bits) - 1);
  float magnitude = 0;
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else {
    const auto whole = static_cast<float>(exponent == 0 ? fraction : fraction | (1u << f16.mantissa_bits));
    magnitude = std::ldexp(whole, std::max(exponent, 1) - f16.bias() - f16.mantissa_bits);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace skep
