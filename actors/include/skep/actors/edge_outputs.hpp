#pragma once
// Sends an actor's records along its edges: what a bee and a gateway have in common.
//
// Records are pushed to an edge and leave with `flush`, together: one message per edge and replica. A new routing table
// takes over at once; sessions with replicas that are still where they were go on.
// Lifetime: owned by the actor in whose name it sends. Threads: that actor's.

#include <caf/fwd.hpp>

#include <cstdint>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/actors/meter.hpp"
#include "skep/actors/out_edge.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class EdgeOutputs {
 public:
  /// Handed back by an edge.
  struct Returned {
    Record record;
    errc why;                ///< see OutEdge::Returned
    bool answers_reachable;  ///< a client could have been answered along that edge
  };

  /// Sends in the name of `self`, which outlives this and has placement `epoch`. With `meters`, which outlive this too
  /// and are in the order of its tables, the edges are measured.
  EdgeOutputs(caf::event_based_actor& self, Epoch epoch, std::uint64_t seed, std::vector<EdgeMeter>* meters = nullptr)
      : self_(self), epoch_(epoch), seed_(seed), meters_(meters) {}

  /// Errors: `errc::invalid_argument`: not later than the table in force. `table.edges` are taken.
  [[nodiscard]] Result<void> adopt(RoutingTable& table);
  void push(std::uint32_t edge, Record&& record) {
    edges_[edge].out.push(std::move(record), handed_back_);
    if (!handed_back_.empty()) take_handed_back(edges_[edge]);
  }
  void flush(const Stamp& stamp);
  void on_ack(const BatchAck& message);
  /// Receivers are to say at once what they have accepted: before an end.
  void hurry();
  /// Forgets all receivers; nothing is sent any more.
  void close() { edges_.clear(); }
  /// Shows the meters what waits.
  void publish() const;
  /// What edges handed back since the last call.
  [[nodiscard]] std::vector<Returned> take_returned() { return std::exchange(returned_, {}); }
  [[nodiscard]] bool any_returned() const noexcept { return !returned_.empty(); }

  [[nodiscard]] std::size_t size() const noexcept { return edges_.size(); }
  [[nodiscard]] bool sendable() const noexcept;  ///< `flush` would send something
  [[nodiscard]] bool blocked() const noexcept;   ///< the window of a `block` edge is full
  [[nodiscard]] bool idle() const noexcept;      ///< nothing waits, all that was sent is accepted
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  struct Edge {
    OutEdge out;
    std::vector<Receiver> receivers;
    bool answers_reachable = false;
    EdgeMeter* meter = nullptr;  ///< null: not measured
  };

  void take_handed_back(const Edge& edge);

  caf::event_based_actor& self_;
  Epoch epoch_;
  std::uint64_t seed_;
  std::vector<EdgeMeter>* meters_;
  std::uint32_t generation_ = 0, part_ = 0, replica_ = 0;
  std::vector<Edge> edges_;
  std::vector<OutEdge::Returned> handed_back_;
  std::vector<Returned> returned_;
};

}  // namespace skep
