#pragma once
// Text from files and clients, made safe to print.

#include <string>
#include <string_view>

namespace skep {

/// `text` with control characters, and bytes that are no UTF-8, written as "\x1b": none may steer a terminal or forge a
/// line.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace skep
