#pragma once
// The Host of an HTTP request. Pure.

#include <string_view>

namespace skep {

/// Whether `host`, with a port or without, is of this machine: "localhost", "127.0.0.1:9000", "[::1]".
[[nodiscard]] bool names_this_machine(std::string_view host);

}  // namespace skep
