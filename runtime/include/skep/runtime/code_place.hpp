#pragma once
// Where in a program something was said: what is wrong with a swarm built in code is told with the line of the call.

#include <cstdint>

namespace skep {

/// `CodePlace::current()` as a default argument is the place of the call. Stands in for std::source_location, which not
/// every compiler has.
struct CodePlace {
  const char* file = "";
  std::uint32_t line = 0;

  static constexpr CodePlace current(const char* file = __builtin_FILE(),
                                     std::uint32_t line = __builtin_LINE()) noexcept {
    return {file, line};
  }
};

}  // namespace skep
