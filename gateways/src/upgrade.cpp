#include "upgrade.hpp"

#include <algorithm>

#include "request_address.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

/// "https://a:443" -> "a:443"; nothing for other schemes and "null". With TLS, a page that came without it may be
/// anybody's on its way.
std::optional<std::string_view> host_of(std::string_view origin, bool tls) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (origin.starts_with(scheme)) return origin.substr(scheme.size());
    if (tls) break;
  }
  return std::nullopt;
}

constexpr std::size_t origin_shown_max = 200;

/// 16 bytes in base64 (RFC 6455, 4.1). Which ones is nobody's concern.
bool is_key(std::string_view key) {
  constexpr std::size_t digits = 22;
  if (key.size() != digits + 2 || key.substr(digits) != "==") return false;
  return std::all_of(key.begin(), key.begin() + digits, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
  });
}

/// `host`: where the request goes.
bool origin_allowed(const UpgradeRequest& request, std::string_view host, const UpgradeRules& rules) {
  if (!request.origin) return true;  // not a browser
  if (!rules.origins.empty()) {
    return std::find(rules.origins.begin(), rules.origins.end(), *request.origin) != rules.origins.end();
  }
  if (host_of(*request.origin, rules.tls) != host) return false;
  return !rules.loopback || names_this_machine(host);
}

}  // namespace

std::string why_no_origin(std::string_view text) {
  if (text == "null") return "";
  if (text.find('*') != std::string_view::npos) return "it has a pattern; each origin is named";
  const auto colon = text.find("://");
  const auto scheme = text.substr(0, colon);
  if (colon == std::string_view::npos || scheme.empty()) return "it has no scheme, as \"https://\"";
  const auto host = text.substr(colon + 3);
  if (host.empty()) return "it has no host";
  if (host.find_first_of("/?# ") != std::string_view::npos) return "behind its host and port there is more";
  const auto is_large = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::ranges::any_of(text, is_large)) return "browsers write it in small letters";
  if ((scheme == "https" && host.ends_with(":443")) || (scheme == "http" && host.ends_with(":80"))) {
    return "browsers leave out the port that its scheme has anyway";
  }
  return "";
}

std::optional<UpgradeRefusal> check_upgrade(const UpgradeRequest& request, const UpgradeRules& rules) {
  if (request.fields > limits::upgrade_header_fields_max) {
    return UpgradeRefusal{431, "the header exceeds upgrade_header_fields_max = " +
                                   std::to_string(limits::upgrade_header_fields_max) + "\n"};
  }
  if (request.repeats_fields) return UpgradeRefusal{400, "Host, Origin and Sec-WebSocket-Key may stand only once\n"};
  const auto address = request_address(request.target, request.host);
  if (address.path != rules.path) {
    return UpgradeRefusal{404, "nothing here; the WebSocket is at " + rules.path + "\n"};
  }
  if (request.method != "GET" || !request.upgrade) return UpgradeRefusal{426, "this is a WebSocket\n"};
  if (request.host.empty()) return UpgradeRefusal{400, "Host is not there, or empty\n"};
  if (request.version != "13") return UpgradeRefusal{426, "this is a WebSocket of version 13\n"};
  if (!is_key(request.key)) return UpgradeRefusal{400, "Sec-WebSocket-Key is not 16 bytes in base64\n"};
  if (request.has_body) return UpgradeRefusal{400, "an upgrade has no body\n"};
  if (!origin_allowed(request, address.host, rules)) {
    return UpgradeRefusal{403, "pages from this origin are not allowed (setting `origins`): " +
                                   std::string(request.origin->substr(0, origin_shown_max)) + '\n'};
  }
  return std::nullopt;
}

}  // namespace skep
