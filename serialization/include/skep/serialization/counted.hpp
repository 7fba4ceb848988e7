#pragma once
// Numbers of things, as messages say them.

#include <cstdint>
#include <string>
#include <string_view>

namespace skep {

/// "1 record", "2 records": `thing` is one of them, and takes an "s".
[[nodiscard]] inline std::string counted(std::uint64_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

}  // namespace skep
