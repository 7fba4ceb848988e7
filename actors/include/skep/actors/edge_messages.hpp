#pragma once
// The messages that bees, gateways and the runtime send each other inside one process.

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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

/// Sender to receiver: records that travel together. `edge` and `receiver` name the sender's window and come back in
/// the grant.
struct RecordBatch {
  std::uint32_t generation = 0;  ///< of the sender's routing table
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  std::vector<Record> records;
  Stamp stamp{};
  std::uint64_t bytes = 0;  ///< of the payloads; 0 if the sender does not measure
};

/// Receiver to sender: so many records were accepted.
struct CreditGrant {
  std::uint32_t generation = 0;
  std::uint32_t edge = 0;
  std::uint32_t receiver = 0;
  std::uint32_t records = 0;
  std::uint32_t timed = 0;             ///< of them, records whose wait is known ...
  std::chrono::nanoseconds waited{0};  ///< ... and the sum of their waits, from sent to accepted
};

/// Bee to gateway: answers and errors for clients (`content` is `error`). Never blocked by credit.
struct ReplyBatch {
  std::vector<Record> records;
  Stamp stamp{};
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

/// Request: finish what is queued, wait until everything sent is granted, run `on_stop`, then answer with
/// BeeCounters. Sent from the gateways down, so that nothing arrives any more.
struct Drain {};

/// Request: BeeCounters as they are now.
struct ReadCounters {};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RecordBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::CreditGrant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReplyBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RoutingTable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadCounters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BeeCounters)
