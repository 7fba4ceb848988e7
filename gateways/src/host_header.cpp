#include "host_header.hpp"

#include "skep/gateways/host_port.hpp"

namespace skep {

bool names_this_machine(std::string_view host) {
  if (const auto with_port = parse_host_port(host)) return with_port->is_loopback();
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return HostPort{std::string(in_brackets ? host.substr(1, host.size() - 2) : host), 0}.is_loopback();
}

}  // namespace skep
