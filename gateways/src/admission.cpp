#include "admission.hpp"

#include <string>

namespace skep {
namespace {

Failure refused(errc code, std::string why) {
  return {code, std::move(why), true};
}

}  // namespace

Admission::Verdict Admission::verdict(const AdmissionLoad& load) const {
  if (load.draining) return Verdict::draining;
  if (!load.unavailable.empty()) return Verdict::unavailable;
  if (load.swarm_behind) return Verdict::swarm_behind;
  if (!limits_.answers) return Verdict::open;
  if (load.requests >= limits_.requests_max) return Verdict::too_many;
  return load.session_requests >= limits_.session_requests_max ? Verdict::too_many_of_session : Verdict::open;
}

Take Admission::may_take(const AdmissionLoad& load) const {
  // A refusal needs a place too: a client that reads nothing is not read either.
  if (load.session_places >= 2 * limits_.session_requests_max) return Take::wait_for_client;
  if (load.session_backlog > limits_.write_bytes_max / 2) return Take::wait_for_client;
  switch (verdict(load)) {
    case Verdict::open:
    case Verdict::draining:
      return Take::yes;
    case Verdict::unavailable:
      return limits_.answers ? Take::yes : Take::wait_for_swarm;
    case Verdict::swarm_behind:
    case Verdict::too_many:
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
  if (verdict == Verdict::swarm_behind) {
    return refused(errc::overloaded, "the swarm is behind: too much waits for it (`window` of the edge)");
  }
  if (verdict == Verdict::too_many) {
    return refused(errc::overloaded,
                   "too many open requests of all clients: requests_max = " + std::to_string(limits_.requests_max));
  }
  return refused(errc::overloaded, "too many open requests of this client: session_requests_max = " +
                                       std::to_string(limits_.session_requests_max));
}

}  // namespace skep
