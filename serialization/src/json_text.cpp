#include "json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// What stands after the backslash for `byte`; 0 if it is written as it is, 'u' if by its number.
constexpr auto escapes = [] {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}();

void append_escape(unsigned char byte, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('\\');
  out.push_back(escapes[byte]);
  if (escapes[byte] != 'u') return;
  out.append("00").push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

/// Bytes at the start of `text` that need no escape and no look: printable ASCII.
std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && static_cast<signed char>(text[size]) >= 0 &&
         escapes[static_cast<unsigned char>(text[size])] == 0) {
    ++size;
  }
  return size;
}

/// Large numbers get an exponent: readers take digits alone for an integer, and refuse it past 64 bits.
template <class Float>
bool append_shortest(Float number, std::string& out) {
  constexpr Float plain_max = 1e15f;
  if (!std::isfinite(number)) return false;
  if (number == 0 && std::signbit(number)) return out.append("-0.0"), true;
  std::array<char, 32> digits;
  auto* const last = digits.data() + digits.size();
  const auto end = std::abs(number) < plain_max
                       ? std::to_chars(digits.data(), last, number).ptr
                       : std::to_chars(digits.data(), last, number, std::chars_format::scientific).ptr;
  out.append(digits.data(), end);
  return true;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    const auto plain = plain_prefix(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto length = utf8_sequence(text);
    if (length == 1) {
      append_escape(static_cast<unsigned char>(text[0]), out);
    } else {
      out.append(length == 0 ? replacement : text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
}

bool append_json_number(double number, std::string& out) {
  return append_shortest(number, out);
}
bool append_json_number(float number, std::string& out) {
  return append_shortest(number, out);
}

}  // namespace skep
