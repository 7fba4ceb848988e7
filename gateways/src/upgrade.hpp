#pragma once
// Whether an HTTP request may become a WebSocket here. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skep {

struct UpgradeRequest {
  std::string_view method;
  std::string_view target;  ///< as request_address takes it
  std::string_view host;
  std::optional<std::string_view> origin;  ///< browsers send it; "null" is one
  std::string_view key;                    ///< Sec-WebSocket-Key
  std::string_view version;                ///< Sec-WebSocket-Version
  std::size_t fields = 0;                  ///< of its header
  bool upgrade = false;                    ///< asks for a WebSocket
  bool has_body = false;
  bool repeats_fields = false;  ///< Host or Origin more than once
};

struct UpgradeRules {
  std::string path = "/";
  std::vector<std::string> origins;  ///< empty: only pages from this very host and port
  bool loopback = true;              ///< listens for this machine alone: then Host must name it (DNS rebinding)
  bool tls = false;                  ///< what pages from this host are fetched with; else either, for proxies
};

struct UpgradeRefusal {
  unsigned status;
  std::string text;
};

/// What is wrong with an origin that `UpgradeRules::origins` is to have; "": nothing, it is written as browsers send it
/// (RFC 6454, 6.2).
[[nodiscard]] std::string why_no_origin(std::string_view text);

[[nodiscard]] std::optional<UpgradeRefusal> check_upgrade(const UpgradeRequest& request, const UpgradeRules& rules);

}  // namespace skep
