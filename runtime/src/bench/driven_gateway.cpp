#include "bench/driven_gateway.hpp"

#include <algorithm>
#include <vector>

#include "skep/runtime/printable.hpp"
#include "skep/serialization/nearest.hpp"

namespace skep::bench {
namespace {

std::string option(const GatewaySpec& gateway, std::string_view name) {
  const auto* value = gateway.options.find(name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  return text == nullptr ? "" : *text;
}

/// Why nobody can send it requests and wait for the answers; empty: somebody can.
std::string why_not(const GatewaySpec& gateway, const LoadAccess& access) {
  if (gateway.type != "tcp" && gateway.type != "websocket") return "is of type '" + printable(gateway.type) + "'";
  if (option(gateway, "listen").empty()) return "does not listen";
  if (gateway.answers.empty()) return "answers nobody";
  if (gateway.options.find("tls_certificate") != nullptr && !access.tls)
    return "has TLS, and there is no --tls-authorities";
  for (const auto* option : {"tokens", "tokens_file"}) {
    if (gateway.options.find(option) != nullptr && access.token.empty())
      return "asks for tokens, and there is no --token-file";
  }
  return "";
}

DrivenGateway driven(const GatewaySpec& gateway, const LoadAccess& access) {
  DrivenGateway chosen{gateway.name, {}};
  auto& target = chosen.target;
  target.access = access;
  target.protocol = gateway.type == "tcp" ? LoadTarget::Protocol::tcp : LoadTarget::Protocol::websocket;
  if (option(gateway, "framing") == "length") target.framing = Framing::length;
  if (const auto path = option(gateway, "path"); !path.empty()) target.path = path;
  return chosen;
}

std::string hint(std::string_view word, const std::vector<std::string>& names) {
  const auto suggested = suggest(word, names);
  return suggested.empty() ? "" : " (" + suggested + ")";
}

}  // namespace

Result<DrivenGateway> choose_gateway(const SwarmSpec& spec, const std::string& name, const LoadAccess& access) {
  std::vector<std::string> names, drivable;
  for (const auto& gateway : spec.gateways) {
    names.push_back(gateway.name);
    if (why_not(gateway, access).empty()) drivable.push_back(gateway.name);
  }
  if (!name.empty() && spec.gateway(name) == nullptr) {
    return Error{errc::invalid_argument, "no gateway '" + printable(name) + "'" + hint(name, names)};
  }
  if (name.empty() && drivable.size() > 1) {
    return Error{errc::invalid_argument, "which gateway? --gateway names it" + hint("", drivable)};
  }
  if (name.empty() && drivable.empty()) {
    return Error{errc::invalid_argument,
                 "no gateway can be driven: it has to be of type tcp or websocket, listen, and have 'answers', "
                 "with TLS or tokens only with --tls-authorities and --token-file"};
  }
  const auto& gateway = *spec.gateway(name.empty() ? drivable.front() : name);
  if (const auto why = why_not(gateway, access); !why.empty()) {
    return Error{errc::invalid_argument, "gateway '" + gateway.name + "' " + why + ": it cannot be driven"};
  }
  return driven(gateway, access);
}

HostPort reachable(HostPort address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

}  // namespace skep::bench
