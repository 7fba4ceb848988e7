#pragma once
// Where a bee's output goes: the routing table, its edges, and who answers are sent to.
//
// Output is first taken from the Outbox, then sent by `flush`: one message per edge and receiver, one per gateway. A
// new table takes over at once for what is taken from then on; what already waits under an old one is sent under that
// one as its credit comes back.

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/actors/outbox.hpp"

namespace skep {

class Egress {
 public:
  /// Sends in the name of `self`, and counts in `counters`; both outlive this.
  /// With a `meter`, which outlives this too, the edges are measured.
  Egress(caf::event_based_actor& self, BeeCounters& counters, std::uint64_t seed, BeeMeter* meter = nullptr)
      : self_(self), counters_(counters), seed_(seed), meter_(meter) {}

  /// Returns whether it did: not while another table of the same generation is in use.
  [[nodiscard]] bool adopt(RoutingTable table);
  void take(Outbox& outbox);
  /// Answers the client of a record with an error, if one can be answered from here.
  void answer_error(const Record& record, errc code, std::string_view message);
  /// What was taken since the last call has this Stamp::spent.
  void spent(std::chrono::nanoseconds spent) noexcept { stamp_.spent = spent; }
  void flush(std::chrono::steady_clock::time_point now);
  void grant(const CreditGrant& grant);
  /// Shows the meter what is in flight and waiting.
  void publish() const;

  [[nodiscard]] bool sendable() const noexcept;  ///< `flush` would send something
  [[nodiscard]] bool blocked() const noexcept;   ///< no further input until credit comes back
  [[nodiscard]] bool idle() const noexcept;      ///< nothing waits, everything sent was granted

 private:
  struct Edge {
    OutEdge out;
    std::vector<caf::actor> receivers;
    EdgeMeter* meter;  ///< null: not measured
  };
  struct Gateway {
    GatewayRoute route;
    std::vector<Record> replies;
  };
  struct Table {
    std::uint32_t generation = 0;
    std::vector<Edge> edges;
    std::vector<std::vector<std::uint32_t>> edges_of_port;
    std::uint64_t answer_ports = 0;  ///< one bit each
  };

  void take_other(Outbox::Entry& entry);
  void abandon(const std::vector<caf::actor>& gone);
  void emit(Port port, Record&& record);
  void push(Edge& edge, Record&& record);
  void drop_overflowed(EdgeMeter* meter);
  void reply(Record record);
  void reply_if_reachable(Record error);
  [[nodiscard]] Table* find(std::uint32_t generation) noexcept;
  void flush();
  void flush(Table& table, std::uint32_t edge, std::uint32_t receiver);
  [[nodiscard]] static bool idle(const Table& table) noexcept;
  template <class Condition>
  [[nodiscard]] bool any_edge(Condition condition) const noexcept {
    for (const auto& table : tables_) {
      for (const auto& edge : table.edges) {
        if (condition(edge.out)) return true;
      }
    }
    return false;
  }

  caf::event_based_actor& self_;
  BeeCounters& counters_;
  std::uint64_t seed_;
  BeeMeter* meter_;
  Stamp stamp_;
  std::deque<Table> tables_;  ///< the last one is in force; earlier ones still have records on their way
  std::vector<Gateway> gateways_;
  std::vector<Record> overflowed_;
  bool answers_reachable_ = false;
};

}  // namespace skep
