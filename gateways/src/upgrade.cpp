#include "upgrade.hpp"

#include <algorithm>

#include "skep/gateways/host_port.hpp"

namespace skep {
namespace {

/// "http://a:80" -> "a:80"; nothing for other schemes and "null".
std::optional<std::string_view> host_of(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return origin.substr(scheme.size());
  }
  return std::nullopt;
}

bool names_this_machine(std::string_view host) {
  const auto parsed = parse_host_port(host);
  if (parsed) return parsed->is_loopback();
  return HostPort{std::string(host), 0}.is_loopback();
}

bool origin_allowed(const UpgradeRequest& request, const UpgradeRules& rules) {
  if (!request.origin) return true;  // not a browser
  if (!rules.origins.empty()) {
    return std::find(rules.origins.begin(), rules.origins.end(), *request.origin) != rules.origins.end();
  }
  if (host_of(*request.origin) != request.host) return false;
  return !rules.loopback || names_this_machine(request.host);
}

}  // namespace

std::optional<UpgradeRefusal> check_upgrade(const UpgradeRequest& request, const UpgradeRules& rules) {
  if (request.repeats_fields) return UpgradeRefusal{400, "Host and Origin may stand only once\n"};
  if (request.target.substr(0, request.target.find('?')) != rules.path) {
    return UpgradeRefusal{404, "nothing here; the WebSocket is at " + rules.path + "\n"};
  }
  if (request.method != "GET" || !request.upgrade) return UpgradeRefusal{426, "this is a WebSocket\n"};
  if (request.has_body) return UpgradeRefusal{400, "an upgrade has no body\n"};
  if (!origin_allowed(request, rules)) {
    return UpgradeRefusal{403, "pages from this origin are not allowed (setting `origins`)\n"};
  }
  return std::nullopt;
}

}  // namespace skep
