#pragma once
// RFC 6455, section 4.2.2: what a server makes of a client's key. Pure.

#include <string>
#include <string_view>

namespace skep {

[[nodiscard]] std::string websocket_accept(std::string_view key);

}  // namespace skep
