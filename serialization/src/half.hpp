#pragma once
// The two 16-bit floats, which C++20 does not have: f16 (IEEE binary16) and bf16 (the upper half of a float).

#include <cstdint>
#include <optional>

namespace skep {

/// To nearest, ties to even; nothing if a finite number is too large. `number` is not NaN.
[[nodiscard]] std::optional<std::uint16_t> to_f16(double number) noexcept;
[[nodiscard]] std::optional<std::uint16_t> to_bf16(double number) noexcept;

[[nodiscard]] float from_f16(std::uint16_t bits) noexcept;
[[nodiscard]] float from_bf16(std::uint16_t bits) noexcept;

}  // namespace skep
