#pragma once
// Whether a gateway takes one more request: takes it, lets its session wait, or refuses it. Pure.
//
// A session asks before it takes a request from what it has read (`may_take`), the gateway when it has the request
// (`refusal`). Both follow from one verdict. What is over a limit is refused, or waits where the gateway blocks; what
// does not depend on the load (a drain, a failed swarm) is always refused.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skep/gateways/limits.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {

/// Whether a session may take its next request from what it has read.
enum class Take : std::uint8_t {
  yes,              ///< also to be refused
  wait_for_swarm,   ///< no credit, or too many requests of the gateway: GatewayCore calls `go_on`
  wait_for_client,  ///< it has not read what it is owed: `go_on` follows when it has
};

struct AdmissionLimits {
  bool answers = false;  ///< clients are answered
  bool blocks = false;   ///< what is over a limit waits
  std::size_t requests_max = 0;
  std::size_t session_requests_max = 0;
  std::size_t write_bytes_max = 0;
  std::uint32_t threads = 1;  ///< each of which has that `requests_max`
};

/// What is open and owed at the time of the question.
struct AdmissionLoad {
  bool draining = false;
  std::string_view unavailable{};  ///< why, if the swarm has failed
  std::string_view shedding{};     ///< why, if the node sheds
  bool swarm_behind = false;       ///< an edge has no credit
  std::size_t requests = 0;        ///< open, of all sessions
  std::size_t session_requests = 0;
  std::size_t session_places = 0;   ///< answers and refusals not yet delivered, and open requests
  std::size_t session_backlog = 0;  ///< bytes of answers that wait to be written
  bool payload_fits = true;         ///< into what the node's payload budget has left
  bool buffers_fit = true;          ///< more of the session's unread answers would
  std::size_t payload_bytes_max = 0;
  std::size_t io_threads = 1;  ///< each of which has that
};

/// The limit as clients are told of it.
[[nodiscard]] std::string payload_limit_text(std::size_t bytes_max, std::size_t io_threads);

class Admission {
 public:
  explicit Admission(const AdmissionLimits& limits) : limits_(limits) {}

  [[nodiscard]] Take may_take(const AdmissionLoad& load) const;
  /// Whether a request is admitted.
  [[nodiscard]] bool admits(const AdmissionLoad& load) const;
  /// Why a request is not admitted, if it is not.
  [[nodiscard]] std::optional<Failure> refusal(const AdmissionLoad& load) const;
  [[nodiscard]] bool blocks() const noexcept { return limits_.blocks; }

 private:
  enum class Verdict : std::uint8_t {
    open,
    draining,
    unavailable,
    shedding,
    swarm_behind,
    too_many,
    too_many_of_session,
    payloads,
  };

  [[nodiscard]] Verdict verdict(const AdmissionLoad& load) const;
  [[nodiscard]] std::string overload(Verdict verdict, const AdmissionLoad& load) const;

  AdmissionLimits limits_;
};

// In the header: asked twice for each request.

inline Admission::Verdict Admission::verdict(const AdmissionLoad& load) const {
  if (load.draining) return Verdict::draining;
  if (!load.unavailable.empty()) return Verdict::unavailable;
  if (!load.shedding.empty()) return Verdict::shedding;
  if (load.swarm_behind) return Verdict::swarm_behind;
  if (!limits_.answers) return Verdict::open;
  if (load.requests >= limits_.requests_max) return Verdict::too_many;
  if (load.session_requests >= limits_.session_requests_max) return Verdict::too_many_of_session;
  return load.payload_fits ? Verdict::open : Verdict::payloads;
}

inline Take Admission::may_take(const AdmissionLoad& load) const {
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

inline bool Admission::admits(const AdmissionLoad& load) const {
  const auto verdict = this->verdict(load);
  if (verdict == Verdict::open) return true;
  return limits_.blocks && verdict != Verdict::draining && verdict != Verdict::unavailable;
}

}  // namespace skep
