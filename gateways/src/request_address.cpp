#include "request_address.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "letters.hpp"
#include "skep/gateways/host_port.hpp"

namespace skep {
namespace {

constexpr std::array<std::string_view, 4> schemes = {"http://", "https://", "ws://", "wss://"};

}  // namespace

RequestAddress request_address(std::string_view target, std::string_view host) noexcept {
  const auto before_query = target.substr(0, target.find('?'));
  const auto scheme =
      std::ranges::find_if(schemes, [&](auto name) { return are_alike(before_query.substr(0, name.size()), name); });
  if (scheme == schemes.end()) return {host, before_query};
  const auto behind = before_query.substr(scheme->size());
  const auto authority = behind.substr(0, behind.find('/'));
  if (authority.empty()) return {host, before_query};
  const auto path = behind.substr(authority.size());
  return {authority, path.empty() ? "/" : path};
}

bool names_this_machine(std::string_view host) {
  const bool in_brackets = host.starts_with('[');
  HostPort address{std::string(host), 0};
  if (auto with_port = parse_host_port(host)) {
    address = *std::move(with_port);
  } else if (in_brackets && host.ends_with(']')) {
    address.host = host.substr(1, host.size() - 2);
  }
  // RFC 3986, 3.2.2: in brackets, and only there, is an IPv6 address, without a zone.
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return in_brackets == is_v6 && address.host.find('%') == std::string::npos && address.is_loopback();
}

}  // namespace skep
