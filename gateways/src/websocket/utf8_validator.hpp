#pragma once
// UTF-8 that comes in pieces, cut anywhere: fails at the first byte that no valid text could have there (RFC 3629: no
// overlong forms, no surrogates, nothing past U+10FFFF). What is_utf8 says of a whole text, said as it comes. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skep {

class Utf8Validator {
 public:
  /// Where in `piece` the first wrong byte is. Nothing is fed after one.
  [[nodiscard]] std::optional<std::size_t> feed(std::string_view piece) noexcept;
  /// The text may end here: no character has begun and not ended.
  [[nodiscard]] bool whole() const noexcept { return left_ == 0; }

 private:
  [[nodiscard]] bool take(unsigned char byte) noexcept;

  static constexpr std::uint8_t continuation_min = 0x80, continuation_max = 0xBF;
  std::uint8_t left_ = 0;                ///< continuation bytes to come
  std::uint8_t min_ = continuation_min;  ///< of the next one
  std::uint8_t max_ = continuation_max;
};

}  // namespace skep
