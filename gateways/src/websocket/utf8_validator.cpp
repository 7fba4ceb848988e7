#include "utf8_validator.hpp"

#include <algorithm>
#include <cstring>

#include "skep/serialization/framing.hpp"

namespace skep {
namespace {

constexpr std::size_t bulk_bytes_min = 32;  ///< from here on is_utf8 is faster than one byte after another

/// A part of `text`, in words, before the first byte that is not ASCII.
std::size_t ascii_words(std::string_view text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t at = 0;
  for (std::uint64_t word = 0; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  return at;
}

/// `text` without what may be the begin of a longer character.
std::string_view without_begun(std::string_view text) noexcept {
  const auto last = text.size() - std::min<std::size_t>(text.size(), 3);
  for (auto at = text.size(); at > last; --at) {
    if (static_cast<unsigned char>(text[at - 1]) >= 0xC0) return text.substr(0, at - 1);
  }
  return text;
}

}  // namespace

std::optional<std::size_t> Utf8Validator::feed(std::string_view piece) noexcept {
  auto at = whole() ? ascii_words(piece) : 0;
  for (; at < piece.size() && !whole(); ++at) {
    if (!take(static_cast<unsigned char>(piece[at]))) return at;
  }
  const auto bulk = without_begun(piece.substr(at));
  if (bulk.size() >= bulk_bytes_min && is_utf8(bulk)) at += bulk.size();
  for (; at < piece.size(); ++at) {
    if (!take(static_cast<unsigned char>(piece[at]))) return at;
  }
  return std::nullopt;
}

bool Utf8Validator::take(unsigned char byte) noexcept {
  if (left_ > 0) {
    if (byte < min_ || byte > max_) return false;
    --left_;
    min_ = continuation_min;
    max_ = continuation_max;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  left_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) min_ = 0xA0;  // below: overlong
  if (byte == 0xED) max_ = 0x9F;  // above: surrogates
  if (byte == 0xF0) min_ = 0x90;  // below: overlong
  if (byte == 0xF4) max_ = 0x8F;  // above: past U+10FFFF
  return true;
}

}  // namespace skep
