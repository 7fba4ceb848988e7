#include "admission.hpp"

#include <string>

#include "skep/actors/option.hpp"

namespace skep {
namespace {

Failure refused(errc code, std::string why) {
  return {code, std::move(why), true};
}

}  // namespace

std::string payload_limit_text(std::size_t bytes_max, std::size_t io_threads) {
  const auto each = io_threads > 1 ? " on each of " + std::to_string(io_threads) + " I/O threads" : "";
  return "payload_bytes_max = " + to_string(ByteSize{bytes_max}) + each;
}

std::optional<Failure> Admission::refusal(const AdmissionLoad& load) const {
  if (admits(load)) return std::nullopt;
  const auto verdict = this->verdict(load);
  if (verdict == Verdict::draining) return refused(errc::unavailable, "the gateway is shutting down");
  if (verdict == Verdict::unavailable) return refused(errc::unavailable, std::string(load.unavailable));
  return refused(errc::overloaded, overload(verdict, load));
}

std::string Admission::overload(Verdict verdict, const AdmissionLoad& load) const {
  switch (verdict) {
    case Verdict::shedding:
      return std::string(load.shedding);
    case Verdict::swarm_behind:
      return "the swarm is behind: too much waits for it (`window`, `window_bytes` of the edge)";
    case Verdict::too_many:
      return "too many open requests of all clients: requests_max = " + std::to_string(limits_.requests_max) +
             (limits_.threads > 1 ? " on each of " + std::to_string(limits_.threads) + " threads" : "");
    case Verdict::too_many_of_session:
      return "too many open requests of this client: session_requests_max = " +
             std::to_string(limits_.session_requests_max);
    default:
      return "the open requests, unfinished frames and unread answers of this node hold as many bytes as they may: " +
             payload_limit_text(load.payload_bytes_max, load.io_threads);
  }
}

}  // namespace skep
