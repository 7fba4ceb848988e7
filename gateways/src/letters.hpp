#pragma once
// Letters of ASCII, large or small: names of hosts (RFC 4343), schemes (RFC 3986, 3.1; RFC 9110, 11.1) are alike in
// both.

#include <algorithm>
#include <string_view>

namespace skep {

[[nodiscard]] constexpr char small_letter(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] constexpr bool are_alike(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, small_letter, small_letter);
}

}  // namespace skep
