#pragma once
// Which addresses only this machine can reach, or come from.

#include <boost/asio/ip/address.hpp>

namespace skep {

/// Also of an IPv4 address that is written as an IPv6 one, as sockets of both kinds have it: ::ffff:127.0.0.1.
[[nodiscard]] inline bool is_loopback(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return is_mapped ? ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback() : address.is_loopback();
}

}  // namespace skep
