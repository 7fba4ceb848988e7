#pragma once
// Whether a StatusServer answers an HTTP request. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace skep {

struct StatusRequest {
  std::string_view method = {};
  std::string_view target = {};  ///< as request_address takes it
  std::string_view host = {};
  bool repeats_host = false;
  bool has_body = false;
};

struct StatusRefusal {
  unsigned status;
  std::string text;
};

/// `loopback`: the server listens for this machine alone, and Host must name it: else a web page could read what is
/// served here by giving its own name this machine's address (DNS rebinding).
[[nodiscard]] std::optional<StatusRefusal> check_status_request(const StatusRequest& request, bool loopback);

}  // namespace skep
