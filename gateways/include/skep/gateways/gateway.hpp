#pragma once
// Gateways as the runtime sees them: the actor of one, and what it counts. What types there are, and what options each
// takes, is in gateway_registry.hpp.
//
// A gateway is a bee whose peer is a socket or a file. Its actor takes RoutingTable (request: connects its edges, then
// opens its socket; the answer follows, or an error such as a port in use), RecordBatch (records to send out),
// BatchAck, ReplyBatch, DrainBegins, EndIntake and Drain (requests: GatewayCounters), BecomeUnavailable (request),
// ReadCounters (request: GatewayCounters), ReadAddress (request: std::string) and Reload.
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

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/log_field.hpp"
#include "skep/actors/meter.hpp"
#include "skep/actors/wall_clock.hpp"
#include "skep/gateways/gateway_registry.hpp"
#include "skep/gateways/io_threads.hpp"

namespace skep {

class Entrance;
class PayloadTypes;
struct GatewayMeter;

/// What the actors of one gateway have in common where its connections are spread over several I/O threads: who gets
/// the next connection, and what an address may do. One a gateway and node; it outlives its actors.
using EntrancePtr = std::shared_ptr<Entrance>;
[[nodiscard]] EntrancePtr make_entrance();

/// Which of its gateway's actors one is. The first one listens, and hands each connection to the one that has the
/// fewest. What is for the gateway as a whole (`sessions_max`, `requests_max`, `newcomers_max`) they have in equal
/// parts.
struct GatewaySpread {
  std::uint32_t thread = 0;
  std::uint32_t threads = 1;
  EntrancePtr entrance{};  ///< of more than one

  /// Its part of so many: of what cannot be divided the first ones have one more.
  [[nodiscard]] std::size_t part_of(std::size_t whole) const noexcept {
    return whole / threads + (thread < whole % threads ? 1 : 0);
  }
};

/// What the swarm, and not the gateway's own options, decides.
struct GatewaySettings {
  std::string name;               ///< in its swarm
  std::uint32_t node = 0;         ///< of Origin
  std::uint32_t gateway = 0;      ///< of Origin: another one for each actor of a gateway
  std::uint64_t incarnation = 0;  ///< of Origin; random
  std::uint32_t revision = 0;
  bool answers = false;   ///< clients are answered
  bool receives = false;  ///< records come in from bees, to be sent out
  LogSink log;
  Epoch epoch{};  ///< of this placement: higher than that of an actor before it
  WallClock wall_clock{};
  MeterPtr<GatewayMeter> meter{};               ///< may be empty: then nothing is measured
  Delivery delivery = Delivery::at_most_once;   ///< of what comes in from bees; its edges have their own
  std::shared_ptr<DeadLetters> dead_letters{};  ///< for what ended the bees it was given to; may be empty
  DepartedSessions* departed = nullptr;  ///< where it says which clients have left; may be null. Outlives the actor
  std::string swarm{};                   ///< for people
  BeeCalls* calls = nullptr;  ///< where calls of a custom gateway show; null: nobody watches. Outlives the actor
  std::shared_ptr<const PayloadTypes> payload_types{};  ///< of its swarm; may be empty: then it has none
  std::uint64_t input_type = 0;  ///< of those: what comes in is made into it; 0: it stays as it is
  /// By its own type: records of payload types go out as JSON. Else as they are, but for answers to what came as JSON.
  bool typed_as_json = true;
  LogFieldSink log_fields{};  ///< for lines that have fields; may be empty: then they go to `log`, without
  GatewaySpread spread{};
};

/// Registers `tcp`, `websocket` and `file`.
void add_gateways(GatewayRegistry& registry);

/// The swarm drains, this gateway last. Where nobody takes its records, they wait from now on for drain_time_max and no
/// longer; then they are given up, so that the bees which feed it can drain.
struct DrainBegins {};

/// Request: takes no more, answers what it admitted, and stays open for records that bees send it until Drain. Answered
/// with GatewayCounters once the swarm has accepted and answered everything, or drain_time_max, or `time_max`, is over.
struct EndIntake {
  std::chrono::milliseconds time_max = std::chrono::milliseconds::max();
};

/// The files of its certificates, or of its tokens, have changed: it reads them again, for clients to come, and ends
/// the sessions whose token is none any more. What is wrong is for its log, and what was in use stays.
struct Reload {};

/// Request: the address the gateway is bound to ("127.0.0.1:8080", with the port the system gave), or "".
struct ReadAddress {};

/// What a gateway did since its start, in numbers. Where it answers, each request that is not open any more counts in
/// one of `answered`, `failed`, `expired`, `abandoned` and `lost`.
struct GatewayCounts {
  std::uint64_t sessions = 0;  ///< accepted
  std::uint64_t sessions_open = 0;
  std::uint64_t requests = 0;       ///< records admitted
  std::uint64_t requests_open = 0;  ///< admitted and unanswered
  std::uint64_t answered = 0;       ///< with a record, which has gone to the client
  std::uint64_t failed = 0;         ///< with an error from the swarm
  std::uint64_t refused = 0;        ///< never admitted: overload, limits, malformed
  std::uint64_t expired = 0;        ///< past the deadline
  std::uint64_t abandoned = 0;      ///< their client left before it had the answer
  std::uint64_t orphaned = 0;       ///< answers that came for nobody; their requests count elsewhere
  std::uint64_t sent = 0;           ///< records sent out one-way
  /// Records and answers that could not be written: a full disk, a closed gateway; requests that it gave up when it
  /// closed, or whose client it cut off. Of clients that nobody answers: records whose bee has ended, or is down for
  /// good.
  std::uint64_t lost = 0;
  // Connections that were turned away, most of them before there was a request.
  std::uint64_t refused_tls = 0;         ///< of clients that have not shaken hands as TLS has it, or not in time
  std::uint64_t refused_tokens = 0;      ///< without a token that is right
  std::uint64_t refused_upgrades = 0;    ///< whose request was for no WebSocket that there is, or from another page
  std::uint64_t refused_addresses = 0;   ///< of addresses that have, or open, too many
  std::uint64_t refused_protocols = 0;   ///< that speak another protocol, or break the rules of theirs
  std::uint64_t certificate_expiry = 0;  ///< when the certificate in use ends, in seconds since the epoch; 0: none
  bool finished = false;                 ///< a source that has come to its end, with all it sent accepted and answered

  GatewayCounts& operator+=(const GatewayCounts& other) noexcept;
};

/// With what it says in words.
struct GatewayCounters : GatewayCounts {
  std::string failure;        ///< why a file could not be read on, or written; empty: nothing failed
  std::uint64_t cut_off = 0;  ///< of `lost`: by its own end, because there was no more time

  GatewayCounters& operator+=(const GatewayCounters& other);  ///< the first failure stays
};

/// Of one gateway; written by its actor.
struct GatewayMeter {
  explicit GatewayMeter(std::size_t edge_count) : edges(edge_count) {}

  Published<GatewayCounts> counters;
  /// Of requests that the swarm answered, with a record or an error, or that ran into their deadline: from the read
  /// that brought them until their answer is there to be written.
  DurationHistogram end_to_end;
  /// The runtime's own share of it, of requests that the swarm answered: the end-to-end time less the slices of work
  /// that the request was in (Stamp::spent), and less the waits for batches to fill that bees asked for. What remains
  /// is queues, credit, changes of threads and the gateway itself. Measured per message: what a request spent in bees
  /// is the mean over those it travelled with, and the runtime's work inside a slice (about 0.1 us a record) counts as
  /// the bee's. Answers that a timer sent are left out: nobody knows how long they were on their way.
  DurationHistogram overhead;
  std::vector<EdgeMeter> edges;  ///< in the order of its routing tables
};

using GatewayMeterPtr = MeterPtr<GatewayMeter>;

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::DrainBegins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::EndIntake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Reload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadAddress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::GatewayCounters)
