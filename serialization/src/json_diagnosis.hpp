#pragma once
// Says what is wrong with a text that is no JSON, and at which byte. Slow and only for the error message.

#include <optional>
#include <string>
#include <string_view>

namespace skep {

/// "byte 12: expected ',' or '}'"; nothing if nothing wrong is found.
[[nodiscard]] std::optional<std::string> diagnose_json(std::string_view text);

}  // namespace skep
