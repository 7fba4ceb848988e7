#pragma once
// What a bench drives: `tcp://host:port` or `ws://host:port/path`; with TLS `tls://` or `wss://`. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skep/gateways/host_port.hpp"
#include "skep/serialization/framing.hpp"
#include "skep/serialization/result.hpp"

namespace skep::bench {

/// The client's end of TLS; files as paths.
struct LoadTls {
  std::string authorities;    ///< who may have signed the server's certificate; or "system"
  std::string name{};         ///< that it has to be for; "": the host of the address
  std::string certificate{};  ///< what is shown to a server that asks; "": nothing
  std::string key{};          ///< of that
};

/// What a gateway that does not let in everybody wants.
struct LoadAccess {
  std::optional<LoadTls> tls{};
  std::string token{};  ///< shown before all else; "": none
};

struct LoadTarget {
  enum class Protocol : std::uint8_t { tcp, websocket };
  Protocol protocol = Protocol::tcp;
  HostPort address;
  std::string path = "/";           ///< of a WebSocket; with a query, if there is one
  Framing framing = Framing::line;  ///< of TCP
  bool secure = false;              ///< the address asks for TLS
  LoadAccess access{};

  [[nodiscard]] std::string to_string() const;  ///< as an address is written
};

/// Whether `text` is meant as an address, perhaps a wrong one, and not as the name of a file.
[[nodiscard]] bool is_address(std::string_view text);
/// Errors: `errc::invalid_argument` with what is wrong.
[[nodiscard]] Result<LoadTarget> parse_target(std::string_view text);

}  // namespace skep::bench
