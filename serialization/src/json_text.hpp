#pragma once
// Strings and numbers of JSON text.

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace skep {

/// Appends `text` quoted and escaped; what is not UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::string& out);

/// Appends the shortest digits that read back to the same number. False for NaN and infinities, which have no JSON.
[[nodiscard]] bool append_json_number(double number, std::string& out);
[[nodiscard]] bool append_json_number(float number, std::string& out);

template <std::integral Integer>
void append_json_integer(Integer number, std::string& out) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace skep
