#pragma once
// Who a certificate is for: the one URI among its alternative names, "skep://<cluster>/<role>/<name>". That of a
// cluster's authority is "skep://<cluster>".

#include <cstdint>
#include <string>
#include <string_view>

#include "skep/serialization/result.hpp"

namespace skep {

enum class PeerRole : std::uint8_t {
  node,   ///< a process that runs bees
  admin,  ///< a person, or a program in a person's name: never accepted as a node
};

[[nodiscard]] std::string_view to_string(PeerRole role) noexcept;  ///< as in the URI

struct PeerIdentity {
  std::string cluster;
  PeerRole role = PeerRole::node;
  std::string name;

  [[nodiscard]] std::string uri() const;
  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

/// What a cluster or a member of one may be called: letters, digits, '-', '_' and '.', the first one a letter or a
/// digit, at most limits::peer_name_bytes_max.
/// Errors: `errc::invalid_argument`, with what is wrong; `what` says of what, as in "cluster".
[[nodiscard]] Result<void> check_peer_name(std::string_view what, std::string_view name);

/// Letters, digits, '-', '_' and '.': of peers, and of tokens.
[[nodiscard]] bool is_in_names(char c) noexcept;

/// Errors: `errc::invalid_argument` for whatever `PeerIdentity::uri` does not write.
[[nodiscard]] Result<PeerIdentity> parse_identity(std::string_view uri);

[[nodiscard]] std::string cluster_uri(const std::string& cluster);
/// The cluster. Errors: `errc::invalid_argument` for whatever `cluster_uri` does not write.
[[nodiscard]] Result<std::string> parse_cluster(std::string_view uri);

}  // namespace skep
