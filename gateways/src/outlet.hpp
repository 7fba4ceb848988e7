#pragma once
// A gateway's edges into the swarm: admitted records leave here in batches, as far as there is credit.
//
// A new routing table takes over for what is pushed from then on; what waits under an old one goes out under that one.
// Threads: the I/O thread, as part of the gateway's actor.

#include <caf/fwd.hpp>

#include <cstdint>
#include <deque>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/actors/out_edge.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {

class Outlet {
 public:
  /// With a `meter`, which outlives this, the edges are measured.
  explicit Outlet(caf::event_based_actor& self, GatewayMeter* meter = nullptr) : self_(self), meter_(meter) {}

  /// Returns what waited for receivers that are gone.
  [[nodiscard]] std::vector<Record> connect(RoutingTable table);
  /// Routes one record along every edge; returns what overflow rules of edges dropped for it.
  [[nodiscard]] std::vector<Record> push(const Record& record);
  /// Sends what there is credit for: what was pushed since the last call travels together.
  void flush();
  void grant(const CreditGrant& grant);

  [[nodiscard]] std::size_t pushed() const noexcept { return pushed_; }  ///< since the last flush
  [[nodiscard]] bool blocked() const noexcept {
    return blocked_;
  }                                          ///< as of the last flush, some edge is out of credit
  [[nodiscard]] bool idle() const noexcept;  ///< all that was pushed is accepted
  /// Shows the meter what is in flight and waiting.
  void publish() const;

 private:
  struct Edge {
    OutEdge out;
    std::vector<caf::actor> receivers;
    EdgeMeter* meter;  ///< null: not measured
  };
  struct Table {
    std::uint32_t generation = 0;
    std::vector<Edge> edges;
  };

  [[nodiscard]] std::vector<Record> abandon(const std::vector<caf::actor>& gone);
  [[nodiscard]] static bool idle(const Table& table) noexcept;
  void flush(Table& table);

  caf::event_based_actor& self_;
  GatewayMeter* meter_;
  std::deque<Table> tables_;  ///< the last one is in force
  std::size_t pushed_ = 0;
  bool blocked_ = false;
};

}  // namespace skep
