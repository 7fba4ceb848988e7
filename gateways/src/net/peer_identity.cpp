#include "net/peer_identity.hpp"

#include <algorithm>
#include <optional>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

constexpr std::string_view uri_scheme = "skep://";

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<PeerRole> role_from(std::string_view text) {
  for (const auto role : {PeerRole::node, PeerRole::admin}) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

/// Up to the next '/', which is cut off with it.
std::string_view take_part(std::string_view& rest) {
  const auto part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

}  // namespace

bool is_in_names(char c) noexcept {
  return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

std::string_view to_string(PeerRole role) noexcept {
  return role == PeerRole::node ? "node" : "admin";
}

std::string PeerIdentity::uri() const {
  return cluster_uri(cluster) + '/' + std::string(to_string(role)) + '/' + name;
}

Result<void> check_peer_name(std::string_view what, std::string_view name) {
  const auto refuse = [&](const std::string& why) {
    return Error{errc::invalid_argument, "the name of a " + std::string(what) + ' ' + why};
  };
  if (name.empty()) return refuse("is empty");
  if (name.size() > limits::peer_name_bytes_max) {
    return refuse("has at most " + std::to_string(limits::peer_name_bytes_max) + " characters");
  }
  if (!is_alphanumeric(name.front()) || !std::ranges::all_of(name, is_in_names)) {
    return refuse("is made of letters, digits, '-', '_' and '.', and begins with a letter or a digit");
  }
  return {};
}

Result<PeerIdentity> parse_identity(std::string_view uri) {
  const Error refused{errc::invalid_argument, "it is not of the form skep://CLUSTER/node/NAME"};
  if (!uri.starts_with(uri_scheme)) return refused;
  auto rest = uri.substr(uri_scheme.size());
  PeerIdentity identity;
  identity.cluster = take_part(rest);
  const auto role = role_from(take_part(rest));
  if (!role) return refused;
  identity.role = *role;
  identity.name = rest;
  if (!check_peer_name("cluster", identity.cluster) || !check_peer_name("node", identity.name)) return refused;
  return identity;
}

std::string cluster_uri(const std::string& cluster) {
  return std::string(uri_scheme) + cluster;
}

Result<std::string> parse_cluster(std::string_view uri) {
  const auto cluster = uri.substr(std::min(uri.size(), uri_scheme.size()));
  if (!uri.starts_with(uri_scheme) || !check_peer_name("cluster", cluster)) {
    return Error{errc::invalid_argument, "it is not of the form skep://CLUSTER"};
  }
  return std::string(cluster);
}

}  // namespace skep
