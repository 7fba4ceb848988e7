#pragma once
// Counts in messages for people: "1 bee", "2 bees".

#include <cstdint>
#include <string>
#include <string_view>

namespace skep {

/// `noun` is one that takes an s.
[[nodiscard]] inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

/// The verb after it, without a space.
[[nodiscard]] constexpr std::string_view is_or_are(std::uint64_t count) {
  return count == 1 ? "is" : "are";
}

}  // namespace skep
