#pragma once
// The messages that bees, gateways and the runtime send each other. Batches and acknowledgements go between nodes, too.

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/in_edges.hpp"
#include "skep/actors/meter.hpp"
#include "skep/actors/out_edge.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// What a message says of time, for the metrics: one clock read for all its records.
struct Stamp {
  static constexpr std::chrono::nanoseconds unknown{-1};

  std::chrono::steady_clock::time_point sent_at{};  ///< the clock's epoch: not known
  /// Of the way of a record from its gateway to here, in the mean over these records: the part that was not the
  /// runtime's. That is the slices of work it was in, and the wait for batches to fill that a bee asked for.
  std::chrono::nanoseconds spent{unknown};
};

/// Sender to receiver: records that travel together, or a question. `edge` and `receiver` name the sender's session and
/// come back in the acknowledgement.
struct RecordBatch {
  SenderKey sender{};  ///< none: no session is kept; the records are taken as they come and nothing is acknowledged
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  EdgePacket packet;
  Stamp stamp{};
};

/// The key of a sender's edge: `part` and `replica` of its swarm, and the edge's place in its routing table.
[[nodiscard]] constexpr SenderKey sender_key(std::uint32_t part, std::uint32_t replica, std::uint32_t edge) noexcept {
  return SenderKey{(std::uint64_t{1} << 63) | (std::uint64_t{part} << 40) | (std::uint64_t{replica} << 20) | edge};
}

/// Of a key that `sender_key` made.
[[nodiscard]] constexpr std::uint32_t part_of(SenderKey key) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(key) >> 40) & 0x7FFFFF;
}
[[nodiscard]] constexpr std::uint32_t replica_of(SenderKey key) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(key) >> 20) & 0xFFFFF;
}
[[nodiscard]] constexpr std::uint32_t edge_of(SenderKey key) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(key)) & 0xFFFFF;
}

/// The edge, in keys and acknowledgements, of a bee's answers; `receiver` then counts the gateways.
inline constexpr std::uint32_t reply_edge = 0xFFFFF;

/// Receiver to sender.
struct BatchAck {
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  EdgeAck ack;
  std::uint32_t pace = 0;  ///< how long the receiver takes for a record, in ns, smoothed; 0: not known
};

/// Bee to gateway: answers and errors for clients (`content` is `error`), over a session without credit.
struct ReplyBatch {
  RecordBatch batch;
};

/// One replica at the end of an edge.
struct Receiver {
  Receiver(caf::actor replica, Epoch placement = {}) : actor(std::move(replica)), epoch(placement) {}
  /// It is not placed, or on a node that is out of reach: what is for it waits.
  [[nodiscard]] static Receiver out_of_reach() {
    Receiver receiver(nullptr);
    receiver.away = true;
    return receiver;
  }
  /// It is to be sent nothing more, and still says what it is done with.
  [[nodiscard]] static Receiver draining(caf::actor replica, Epoch placement) {
    Receiver receiver(std::move(replica), placement);
    receiver.away = receiver.drains = true;
    return receiver;
  }
  caf::actor actor;  ///< null: it has ended for good, unless it is `away`
  Epoch epoch;       ///< of its placement: one that is new has new sessions
  bool away = false;
  bool drains = false;
};

struct EdgeRoute {
  std::string name;        ///< "normalize.default -> classify", for people
  std::uint16_t port = 0;  ///< the sender's output port
  OutEdgeSettings settings;
  std::vector<Receiver> receivers;  ///< the replicas, always in the same order
  bool answers_reachable = false;   ///< a client may still be answered along this edge
  std::string to{};                 ///< the receiving bee's name; for dead letters
};

struct GatewayRoute {
  std::uint32_t node = 0;
  std::uint32_t gateway = 0;
  caf::actor actor;   ///< null: it has ended for good, unless it is `away`
  Epoch epoch{};      ///< of its placement
  bool away = false;  ///< as Receiver
};

/// Where a bee's output goes. Sent as a request; the first one also starts the bee (`on_start`), and the answer
/// (nothing, or an error) follows that start. It takes effect at its place in the bee's mailbox.
struct RoutingTable {
  std::uint32_t generation = 0;  ///< rises from table to table
  std::uint32_t part = 0;        ///< whose table it is: see sender_key
  std::uint32_t replica = 0;
  std::vector<EdgeRoute> edges;
  std::vector<std::uint16_t> answer_ports;  ///< ports whose records answer the client
  std::vector<GatewayRoute> gateways;       ///< where replies go, by origin
  bool answers_reachable = false;           ///< a client may still be answered from here on
};

/// Request to a bee: takes a record that it threw on into its queue again. Answered with nothing, or with
/// `errc::unavailable` if it does not run and will not by itself.
struct Replay {
  Record record;
};

/// Request: finish what is queued, wait until everything sent is accepted, run `on_stop`, then answer with
/// BeeCounters. Sent from the gateways down, so that nothing arrives any more. A gateway is done within `time_max`,
/// and counts what it had to give up for that.
struct Drain {
  std::chrono::milliseconds time_max = std::chrono::milliseconds::max();
};

/// Request, to bees and gateways: the swarm's time is over. From the answer on nothing is worked on or sent along an
/// edge; a bee keeps what still comes, a gateway closes and counts it lost. When all parts have answered, all that was
/// ever sent has come: the counters and meters that each has at its next answer account for every record.
struct Cease {
  /// All parts here have: what still comes to a gateway is of other nodes, and under at_least_once stays theirs.
  bool all_drained = false;
};

/// Request: BeeCounters as they are now.
struct ReadCounters {};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RecordBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BatchAck)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReplyBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RoutingTable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Replay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Cease)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadCounters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BeeCounters)
