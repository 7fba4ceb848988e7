#pragma once
// UTF-8 that may be wrong: cutting and repairing.

#include <cstddef>
#include <string_view>

namespace skep {

/// Bytes of the whole, valid UTF-8 sequence that `text` starts with; 0 if it starts with none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

/// The first `bytes_max` bytes at most, without a sequence cut in two.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace skep
