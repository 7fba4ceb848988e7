#pragma once
// Takes a path such as `$.items[2].name` apart.

#include <cstddef>
#include <optional>
#include <string_view>

namespace skep {

struct JsonStep {
  std::optional<std::size_t> index;  ///< of an array; otherwise `key` counts
  std::string_view key;
};

/// Cuts the first step off `path`, which is what follows the `$`. Nothing if it starts with none.
[[nodiscard]] std::optional<JsonStep> take_step(std::string_view& path) noexcept;

}  // namespace skep
