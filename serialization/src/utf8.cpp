#include "skep/serialization/utf8.hpp"

#include <simdjson.h>

#include "skep/serialization/framing.hpp"

namespace skep {
namespace {

bool continues(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// By the first two bytes, which alone tell overlong forms, surrogates and what is past U+10FFFF.
std::size_t length_by_lead(unsigned char lead, unsigned char second) noexcept {
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ? 0 : 3;
  if (lead > 0xF4) return 0;
  return (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F) ? 0 : 4;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const auto length = text.size() > 1 ? length_by_lead(lead, static_cast<unsigned char>(text[1])) : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return 0;
  }
  return length;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  auto end = bytes_max;
  for (int back = 0; back < 3 && end > 0 && continues(text[end]); ++back) --end;
  return text.substr(0, end);
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace skep
