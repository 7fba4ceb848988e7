#pragma once
// The messages that bees, gateways and the runtime send each other inside one process.

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/in_edges.hpp"
#include "skep/actors/out_edge.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// Sender to receiver: records that travel together, or a question. `edge` and `receiver` name the sender's session and
/// come back in the acknowledgement.
struct RecordBatch {
  SenderKey sender{};  ///< none: no session is kept; the records are taken as they come and nothing is acknowledged
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  EdgePacket packet;
};

/// The key of a sender's edge: `part` and `replica` of its swarm, and the edge's place in its routing table.
[[nodiscard]] constexpr SenderKey sender_key(std::uint32_t part, std::uint32_t replica, std::uint32_t edge) noexcept {
  return SenderKey{(std::uint64_t{1} << 63) | (std::uint64_t{part} << 40) | (std::uint64_t{replica} << 20) | edge};
}

/// Receiver to sender.
struct BatchAck {
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  EdgeAck ack;
};

/// Bee to gateway: answers and errors for clients (`content` is `error`). Never blocked by credit.
struct ReplyBatch {
  std::vector<Record> records;
};

/// One replica at the end of an edge.
struct Receiver {
  Receiver(caf::actor replica, Epoch placement = {}) : actor(std::move(replica)), epoch(placement) {}
  caf::actor actor;  ///< null: it has ended for good
  Epoch epoch;       ///< of its placement: one that is new has new sessions
};

struct EdgeRoute {
  std::string name;        ///< "normalize.default -> classify", for people
  std::uint16_t port = 0;  ///< the sender's output port
  OutEdgeSettings settings;
  std::vector<Receiver> receivers;  ///< the replicas, always in the same order
  bool answers_reachable = false;   ///< a client may still be answered along this edge
};

struct GatewayRoute {
  std::uint32_t node = 0;
  std::uint32_t gateway = 0;
  caf::actor actor;
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
/// BeeCounters. Sent from the gateways down, so that nothing arrives any more.
struct Drain {};

/// Request: BeeCounters as they are now.
struct ReadCounters {};

/// What one replica did since its start.
struct BeeCounters {
  std::uint64_t received = 0;  ///< records accepted
  std::uint64_t emitted = 0;   ///< records sent on, once per edge
  std::uint64_t replied = 0;   ///< answers and errors sent to gateways
  std::uint64_t failed = 0;    ///< records that a throw cost
  std::uint64_t bad = 0;       ///< records that were BadRecord
  std::uint64_t rejected = 0;  ///< Outbox::fail
  std::uint64_t dropped = 0;   ///< Outbox::drop and overflow
  std::uint64_t lost = 0;      ///< sent to a receiver that ended before it accepted them
  std::uint64_t expired = 0;   ///< past their deadline before work began
  std::uint64_t orphaned = 0;  ///< replies without a client
  std::uint64_t rebuilds = 0;
  std::uint64_t unhandled = 0;  ///< foreign messages, ignored
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RecordBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BatchAck)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReplyBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RoutingTable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Replay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadCounters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BeeCounters)
