#pragma once
// Where a bee's output goes: the routing table, its edges, and who answers are sent to.
//
// Output is first taken from the Outbox, then sent by `flush`: one message per edge and receiver, one per gateway. A
// new table takes over at once.

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

#include "skep/actors/edge_outputs.hpp"
#include "skep/actors/outbox.hpp"

namespace skep {

class Egress {
 public:
  /// Sends in the name of `self`, and counts in `counters`; both outlive this.
  /// With a `meter`, which outlives this too, the edges are measured.
  Egress(caf::event_based_actor& self, Epoch epoch, BeeCounters& counters, std::uint64_t seed, BeeMeter* meter)
      : self_(self), counters_(counters), outputs_(self, epoch, seed, meter == nullptr ? nullptr : &meter->edges) {}

  /// Errors: `errc::invalid_argument`: not later than the table in force.
  [[nodiscard]] Result<void> adopt(RoutingTable table);
  void take(Outbox& outbox);
  /// Answers the client of a record with an error, if one can be answered from here.
  void answer_error(const Record& record, errc code, std::string_view message);
  /// What was taken since the last call has this Stamp::spent.
  void spent(std::chrono::nanoseconds spent) noexcept { stamp_.spent = spent; }
  void flush(std::chrono::steady_clock::time_point now);
  /// Again, at the time of the last one.
  void flush();
  void on_ack(const BatchAck& message) { outputs_.on_ack(message); }
  /// Receivers are to say at once what they have accepted: before an end.
  void hurry() { outputs_.hurry(); }
  /// Forgets all actors it sends to.
  void close();
  /// Shows the meter what waits.
  void publish() const { outputs_.publish(); }

  [[nodiscard]] bool sendable() const noexcept;                               ///< `flush` would send something
  [[nodiscard]] bool blocked() const noexcept { return outputs_.blocked(); }  ///< no further input now
  [[nodiscard]] bool idle() const noexcept { return outputs_.idle(); }        ///< everything sent is accepted
  [[nodiscard]] std::uint64_t lost() const noexcept { return outputs_.lost(); }

 private:
  struct Gateway {
    GatewayRoute route;
    std::vector<Record> replies;
  };
  void take_other(Outbox::Entry& entry);
  void emit(Port port, Record&& record);
  void answer_returned();
  void reply(Record record);
  void reply_if_reachable(Record error);

  caf::event_based_actor& self_;
  BeeCounters& counters_;
  EdgeOutputs outputs_;
  Stamp stamp_;
  std::vector<std::vector<std::uint32_t>> edges_of_port_;
  std::uint64_t answer_ports_ = 0;   ///< one bit each
  std::uint64_t answered_from_ = 0;  ///< these, and ports that feed what may still answer
  std::vector<Gateway> gateways_;
  bool answers_reachable_ = false;
};

}  // namespace skep
