#pragma once
// Where an HTTP request goes. Pure.

#include <string_view>

namespace skep {

/// Parts of what it was made from.
struct RequestAddress {
  std::string_view host;  ///< with its port, if there is one
  std::string_view path;  ///< without a query
};

/// RFC 9112, 3.2: "/path?query" goes to `host`, which is the request's Host; "http://a:80/path?query", as a proxy is
/// asked, to a:80 whatever Host says. Other schemes are ws, wss and https; a `target` of another form is its own path.
[[nodiscard]] RequestAddress request_address(std::string_view target, std::string_view host) noexcept;

/// Whether `host`, with a port or without, is of this machine: "localhost", "127.0.0.1:9000", "[::1]".
[[nodiscard]] bool names_this_machine(std::string_view host);

}  // namespace skep
