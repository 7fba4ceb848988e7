#include "bench/load_target.hpp"

#include <algorithm>

#include "skep/runtime/printable.hpp"

namespace skep::bench {
namespace {

constexpr std::string_view mark = "://";

Error wrong(std::string_view text, const std::string& why) {
  return {errc::invalid_argument, "'" + printable(text) + "': " + why};
}

/// Visible ASCII: what a line of HTTP holds as it is.
bool is_plain(std::string_view path) {
  return std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string LoadTarget::to_string() const {
  const bool tls = secure || access.tls;
  if (protocol == Protocol::tcp) return (tls ? "tls://" : "tcp://") + skep::to_string(address);
  return (tls ? "wss://" : "ws://") + skep::to_string(address) + path;
}

bool is_address(std::string_view text) {
  return text.find(mark) != std::string_view::npos || parse_host_port(text).ok();
}

Result<LoadTarget> parse_target(std::string_view text) {
  const auto at = text.find(mark);
  const auto scheme = text.substr(0, at);
  const bool is_tcp = scheme == "tcp" || scheme == "tls";
  if (at == std::string_view::npos || (!is_tcp && scheme != "ws" && scheme != "wss")) {
    return wrong(text, "expected tcp://host:port or ws://host:port/path; with TLS tls:// or wss://");
  }
  LoadTarget target;
  target.protocol = is_tcp ? LoadTarget::Protocol::tcp : LoadTarget::Protocol::websocket;
  target.secure = scheme == "tls" || scheme == "wss";
  auto rest = text.substr(at + mark.size());
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    if (is_tcp) return wrong(text, std::string(scheme) + "://host:port has no path");
    target.path = rest.substr(slash);
    rest = rest.substr(0, slash);
    if (!is_plain(target.path)) return wrong(text, "its path has characters that a URL writes as %20 and the like");
  }
  auto address = parse_host_port(rest);
  if (!address) return wrong(text, address.error().message);
  if (address->port == 0) return wrong(text, "port 0 is nobody's");
  if (!is_plain(address->host)) return wrong(text, "its host has characters that no host has");
  target.address = std::move(address).value();
  return target;
}

}  // namespace skep::bench
