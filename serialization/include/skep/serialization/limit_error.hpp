#pragma once
// The words of a limit that was exceeded: what, by how much, which limit.

#include <cstdint>
#include <string>
#include <string_view>

namespace skep {

/// "the key has 2000 bytes; the limit key_bytes_max is 1024"
inline std::string over_limit(std::string_view what, std::uint64_t value, std::string_view name, std::uint64_t limit,
                              std::string_view unit = "bytes") {
  std::string text(what);
  text.append(" has ").append(std::to_string(value)).append(" ").append(unit);
  text.append("; the limit ").append(name).append(" is ").append(std::to_string(limit));
  return text;
}

}  // namespace skep
