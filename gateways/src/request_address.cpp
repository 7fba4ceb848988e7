#include "request_address.hpp"

#include <algorithm>
#include <array>

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
  if (const auto with_port = parse_host_port(host)) return with_port->is_loopback();
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return HostPort{std::string(in_brackets ? host.substr(1, host.size() - 2) : host), 0}.is_loopback();
}

}  // namespace skep
