#include "skep/runtime/printable.hpp"

#include <algorithm>

#include "skep/serialization/utf8.hpp"

namespace skep {

namespace {

/// C0, DEL, and C1 in UTF-8: U+0080 to U+009F. Of one sequence.
bool is_control(std::string_view sequence) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(sequence[index]); };
  return byte(0) < 0x20 || byte(0) == 0x7f || (byte(0) == 0xc2 && byte(1) < 0xa0);
}

}  // namespace

std::string printable(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto bytes = utf8_sequence(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(bytes, 1));
    const bool shows = bytes > 0 && !is_control(sequence);
    if (shows) result += sequence;
    for (const unsigned char byte : shows ? std::string_view() : sequence) {
      result.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
    }
    text.remove_prefix(sequence.size());
  }
  return result;
}

}  // namespace skep
