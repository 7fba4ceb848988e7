#pragma once
// The messages that bees, gateways and the runtime send each other inside one process.

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/out_edge.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// Sender to receiver: records that travel together. `edge` and `receiver` name the sender's window and come back in
/// the grant.
struct RecordBatch {
  std::uint32_t generation = 0;  ///< of the sender's routing table
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  std::vector<Record> records;
};

/// Receiver to sender: so many records were accepted.
struct CreditGrant {
  std::uint32_t generation = 0;
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  std::uint32_t records = 0;
};

/// Bee to gateway: answers and errors for clients (`content` is `error`). Never blocked by credit.
struct ReplyBatch {
  std::vector<Record> records;
};

struct EdgeRoute {
  std::string name;        ///< "normalize.default -> classify", for people
  std::uint16_t port = 0;  ///< the sender's output port
  OutEdgeSettings settings;
  std::vector<caf::actor> receivers;  ///< the replicas
};

struct GatewayRoute {
  std::uint32_t node = 0;
  std::uint32_t gateway = 0;
  caf::actor actor;
};

/// Where a bee's output goes. Sent as a request; the first one also starts the bee (`on_start`), and the answer
/// (nothing, or an error) follows that start. It takes effect at its place in the bee's mailbox.
struct RoutingTable {
  std::uint32_t generation = 0;
  std::vector<EdgeRoute> edges;
  std::vector<std::uint16_t> answer_ports;  ///< ports whose records answer the client
  std::vector<GatewayRoute> gateways;       ///< where replies go, by origin
  bool answers_reachable = false;           ///< a client may still be answered from here on
  std::vector<caf::actor> gone;             ///< receivers of earlier tables that have ended: they grant nothing more
};

/// Request to a bee: takes a record that it threw on into its queue again. Answered with nothing, or with
/// `errc::unavailable` if it does not run and will not by itself.
struct Replay {
  Record record;
};

/// Request: finish what is queued, wait until everything sent is granted, run `on_stop`, then answer with
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
  std::uint64_t expired = 0;   ///< past their deadline before work began
  std::uint64_t orphaned = 0;  ///< replies without a client
  std::uint64_t rebuilds = 0;
  std::uint64_t unhandled = 0;  ///< foreign messages, ignored
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RecordBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::CreditGrant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReplyBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RoutingTable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Replay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadCounters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BeeCounters)
