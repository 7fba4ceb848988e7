#include "admission.hpp"

#include <string>

#include "skep/actors/option.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

Failure refused(errc code, std::string why) {
  return {code, std::move(why), true};
}

}  // namespace

Admission::Verdict Admission::verdict(const AdmissionLoad& load) const {
  if (load.draining) return Verdict::draining;
  if (!load.unavailable.empty()) return Verdict::unavailable;
  if (!load.shedding.empty()) return Verdict::shedding;
  if (load.swarm_behind) return Verdict::swarm_behind;
  if (!limits_.answers) return Verdict::open;
  if (load.requests >= limits_.requests_max) return Verdict::too_many;
  if (load.session_requests >= limits_.session_requests_max) return Verdict::too_many_of_session;
  return load.payload_fits ? Verdict::open : Verdict::payloads;
}

Take Admission::may_take(const AdmissionLoad& load) const {
  // A refusal needs a place too: a client that reads nothing is not read either.
  if (load.session_places >= 2 * limits_.session_requests_max) return Take::wait_for_client;
  if (load.session_backlog > limits_.write_bytes_max / 2) return Take::wait_for_client;
  if (!load.buffers_fit && load.session_backlog > limits::session_free_bytes) return Take::wait_for_client;
  switch (verdict(load)) {
    case Verdict::open:
    case Verdict::draining:
      return Take::yes;
    case Verdict::unavailable:
      return limits_.answers ? Take::yes : Take::wait_for_swarm;
    case Verdict::shedding:
    case Verdict::swarm_behind:
    case Verdict::too_many:
    case Verdict::payloads:
      return limits_.blocks ? Take::wait_for_swarm : Take::yes;
    case Verdict::too_many_of_session:
      return limits_.blocks ? Take::wait_for_client : Take::yes;
  }
  return Take::yes;
}

std::optional<Failure> Admission::refusal(const AdmissionLoad& load) const {
  const auto verdict = this->verdict(load);
  if (verdict == Verdict::draining) return refused(errc::unavailable, "the gateway is shutting down");
  if (verdict == Verdict::unavailable) return refused(errc::unavailable, std::string(load.unavailable));
  if (limits_.blocks || verdict == Verdict::open) return std::nullopt;
  return refused(errc::overloaded, overload(verdict, load));
}

std::string Admission::overload(Verdict verdict, const AdmissionLoad& load) const {
  switch (verdict) {
    case Verdict::shedding:
      return std::string(load.shedding);
    case Verdict::swarm_behind:
      return "the swarm is behind: too much waits for it (`window`, `window_bytes` of the edge)";
    case Verdict::too_many:
      return "too many open requests of all clients: requests_max = " + std::to_string(limits_.requests_max);
    case Verdict::too_many_of_session:
      return "too many open requests of this client: session_requests_max = " +
             std::to_string(limits_.session_requests_max);
    default:
      return "the open requests, unfinished frames and unread answers of this node hold as many bytes as they may: "
             "payload_bytes_max = " +
             to_string(ByteSize{load.payload_bytes_max});
  }
}

}  // namespace skep
