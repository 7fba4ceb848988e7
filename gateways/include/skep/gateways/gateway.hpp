#pragma once
// Gateways as the runtime sees them: what types there are, what options each takes, and the actor of one.
//
// A gateway is a bee whose peer is a socket or a file. Its actor takes RoutingTable (request: connects its edges, then
// opens its socket; the answer follows, or an error such as a port in use), RecordBatch (records to send out),
// BatchAck, ReplyBatch, EndIntake and Drain (requests: GatewayCounters), BecomeUnavailable (request), ReadCounters
// (request: GatewayCounters) and ReadAddress (request: std::string).
//
// A failed start is answered with an Error for people (skep/actors/caf_error.hpp): "cannot listen on 127.0.0.1:9000:
// Address already in use".
// Drain takes no more, answers what was admitted, sends out what is there, and closes. Drain a gateway that receives
// after the bees that feed it: records that come later are dropped and counted as lost. One that feeds them too gets
// EndIntake before they drain. The actor lives until an exit message, also after a failed start or a drain; it closes
// what is still open.

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/option.hpp"
#include "skep/actors/wall_clock.hpp"
#include "skep/gateways/host_port.hpp"
#include "skep/gateways/io_thread.hpp"

namespace skep {

/// A gateway type as a value.
struct GatewayDescription {
  std::string type;  ///< "tcp", "websocket", "file"
  std::string summary;
  std::vector<OptionDescription> options;
};

/// What the swarm, and not the gateway's own options, decides.
struct GatewaySettings {
  std::string name;               ///< in its swarm
  std::uint32_t node = 0;         ///< of Origin
  std::uint32_t gateway = 0;      ///< of Origin
  std::uint64_t incarnation = 0;  ///< of Origin; random
  std::uint32_t revision = 0;
  bool answers = false;   ///< clients are answered
  bool receives = false;  ///< records come in from bees, to be sent out
  LogSink log;
  Epoch epoch{};  ///< of this placement: higher than that of an actor before it
  WallClock wall_clock{};
};

/// A gateway of a swarm file once its options are read.
struct ConfiguredGateway {
  /// Spawns the actor. Empty if there are problems.
  std::function<caf::actor(caf::actor_system&, GatewayHost&, GatewaySettings)> spawn;
  std::vector<OptionProblem> problems;
  std::optional<HostPort> listen;  ///< the address it will listen on: lint finds one used twice
  bool ends = false;               ///< what it reads comes to an end by itself: a file, not a socket
};

/// The gateway types a process knows, by name. Threads: fill before the first swarm starts; read-only from then on.
class GatewayRegistry {
 public:
  struct Entry {
    GatewayDescription description;
    std::function<ConfiguredGateway(const OptionValue& options, SourcePosition where)> configure;
  };

  void add(Entry entry);
  [[nodiscard]] const Entry* find(std::string_view type) const noexcept;
  [[nodiscard]] std::vector<std::string> types() const;  ///< sorted

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

/// Registers `tcp`, `websocket` and `file`.
void add_gateways(GatewayRegistry& registry);

/// Request: takes no more, answers what it admitted, and stays open for records that bees send it until Drain. Answered
/// with GatewayCounters once the swarm has accepted and answered everything, or drain_time_max is over.
struct EndIntake {};

/// Request: the address the gateway is bound to ("127.0.0.1:8080", with the port the system gave), or "".
struct ReadAddress {};

/// What a gateway did since its start.
struct GatewayCounters {
  std::uint64_t sessions = 0;  ///< accepted
  std::uint64_t sessions_open = 0;
  std::uint64_t requests = 0;       ///< records admitted
  std::uint64_t requests_open = 0;  ///< admitted and unanswered
  std::uint64_t answered = 0;       ///< with a record
  std::uint64_t failed = 0;         ///< with an error from the swarm
  std::uint64_t refused = 0;        ///< never admitted: overload, limits, malformed
  std::uint64_t expired = 0;        ///< past the deadline
  std::uint64_t orphaned = 0;       ///< answers nobody waited for any more
  std::uint64_t sent = 0;           ///< records sent out one-way
  std::uint64_t lost = 0;           ///< records and answers that could not be written: a full disk, a closed gateway
  bool finished = false;            ///< a source that has come to its end, with all it sent accepted and answered
  std::string failure;              ///< why a file was not read to its end, or not written; empty: nothing failed
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::EndIntake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadAddress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::GatewayCounters)
