#include "skep/runtime/printable.hpp"

namespace skep {

namespace {

/// C0, DEL, and C1 in UTF-8: U+0080 to U+009F.
bool is_control(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
  };
  const bool c1_lead = byte(at) == 0xc2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xa0;
  const bool c1_tail = at > 0 && byte(at - 1) == 0xc2 && byte(at) >= 0x80 && byte(at) < 0xa0;
  return byte(at) < 0x20 || byte(at) == 0x7f || c1_lead || c1_tail;
}

}  // namespace

std::string printable(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_control(text, at)) {
      const auto byte = static_cast<unsigned char>(text[at]);
      result.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
    } else {
      result += text[at];
    }
  }
  return result;
}

}  // namespace skep
