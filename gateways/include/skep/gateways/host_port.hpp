#pragma once
// Addresses as people write them: "127.0.0.1:9000", "[::1]:9000", "localhost:0". Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "skep/serialization/result.hpp"

namespace skep {

struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  /// Whether only this machine can reach it: 127.0.0.0/8, also as ::ffff:127.0.0.1, ::1, localhost.
  [[nodiscard]] bool is_loopback() const;
  /// Whether one of them takes the other's port: port 0 takes none, 0.0.0.0 and :: that of every host.
  [[nodiscard]] bool clashes(const HostPort& other) const;
};

/// "LocalHost" is read as "localhost". Errors: `errc::invalid_argument` with what is wrong.
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);
[[nodiscard]] std::string to_string(const HostPort& address);

}  // namespace skep
