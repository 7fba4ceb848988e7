#pragma once
// Texts that come from outside are kept only so far.

#include <cstddef>
#include <string_view>

#include "skep/actors/limits.hpp"

namespace skep {

/// Cuts at limits::message_bytes_max, not inside a UTF-8 sequence.
[[nodiscard]] inline std::string_view cut(std::string_view text) noexcept {
  if (text.size() <= limits::message_bytes_max) return text;
  auto end = limits::message_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace skep
