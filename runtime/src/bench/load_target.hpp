#pragma once
// What a bench drives: `tcp://host:port` or `ws://host:port/path`. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "skep/gateways/host_port.hpp"
#include "skep/serialization/framing.hpp"
#include "skep/serialization/result.hpp"

namespace skep::bench {

struct LoadTarget {
  enum class Protocol : std::uint8_t { tcp, websocket };
  Protocol protocol = Protocol::tcp;
  HostPort address;
  std::string path = "/";           ///< of a WebSocket; with a query, if there is one
  Framing framing = Framing::line;  ///< of TCP

  [[nodiscard]] std::string to_string() const;  ///< as an address is written
};

/// Whether `text` is meant as an address, perhaps a wrong one, and not as the name of a file.
[[nodiscard]] bool is_address(std::string_view text);
/// Errors: `errc::invalid_argument` with what is wrong.
[[nodiscard]] Result<LoadTarget> parse_target(std::string_view text);

}  // namespace skep::bench
