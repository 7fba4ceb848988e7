#include "skep/gateways/host_port.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "letters.hpp"
#include "net/loopback.hpp"

namespace skep {
namespace {

Error bad_address(std::string_view text, std::string_view why) {
  return {errc::invalid_argument, "'" + std::string(text) + "' is not an address: " + std::string(why)};
}

bool is_localhost(std::string_view name) {
  return are_alike(name, "localhost");
}

}  // namespace

bool HostPort::is_loopback() const {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(host, failed);
  return failed ? is_localhost(host) : skep::is_loopback(address);
}

bool HostPort::clashes(const HostPort& other) const {
  if (port == 0 || port != other.port) return false;
  const auto numeric = [](const std::string& name) { return is_localhost(name) ? std::string("127.0.0.1") : name; };
  const auto takes = [](const std::string& all, const std::string& name) {  // "::" takes IPv4, too
    return all == "::" || (all == "0.0.0.0" && name.find(':') == std::string::npos);
  };
  return numeric(host) == numeric(other.host) || takes(host, other.host) || takes(other.host, host);
}

Result<HostPort> parse_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text, "expected host:port, such as 127.0.0.1:9000");
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return bad_address(text, "an IPv6 host needs brackets, such as [::1]:9000");
  }
  if (host.empty()) return bad_address(text, "it has no host");
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc() || end != digits.data() + digits.size()) {
    return bad_address(text, "the port is a number from 0 to 65535");
  }
  return HostPort{is_localhost(host) ? "localhost" : std::string(host), port};
}

std::string to_string(const HostPort& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace skep
