#include "status_request.hpp"

#include "request_address.hpp"

namespace skep {

std::optional<StatusRefusal> check_status_request(const StatusRequest& request, bool loopback) {
  if (request.method != "GET" && request.method != "HEAD") {
    return StatusRefusal{405, "only GET and HEAD are answered here\n"};
  }
  if (request.has_body) return StatusRefusal{400, "a request has no body here\n"};
  if (request.repeats_host) return StatusRefusal{400, "Host may stand only once\n"};
  const auto host = request_address(request.target, request.host).host;
  if (loopback && !host.empty() && !names_this_machine(host)) {
    return StatusRefusal{403,
                         "Host, or the whole address, is of another machine; this is open to its own machine only\n"};
  }
  return std::nullopt;
}

}  // namespace skep
