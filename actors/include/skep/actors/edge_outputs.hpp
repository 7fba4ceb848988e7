#pragma once
// Sends an actor's records along its edges: what a bee and a gateway have in common.
//
// Records are pushed to an edge and leave with `flush`, together: one message per edge and replica. A new routing table
// takes over at once; sessions with replicas that are still where they were go on.
// Lifetime: owned by the actor in whose name it sends. Threads: that actor's.

#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/actors/dead_letters.hpp"
#include "skep/actors/edge_messages.hpp"
#include "skep/actors/log_sink.hpp"
#include "skep/actors/meter.hpp"
#include "skep/actors/out_edge.hpp"
#include "skep/actors/wall_clock.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// What the client of a record is told that an edge handed back, because of `why` (EdgeOutputs::Returned).
[[nodiscard]] std::string_view why_returned(errc why) noexcept;

/// Whoever sends, for its log and for dead letters.
struct EdgeOwner {
  std::string name{};
  LogSink log{};                                ///< may be empty
  std::shared_ptr<DeadLetters> dead_letters{};  ///< may be empty
  WallClock wall_clock{};
};

class EdgeOutputs {
 public:
  /// Handed back by an edge.
  struct Returned {
    Record record;
    errc why;                ///< see OutEdge::Returned
    bool answers_reachable;  ///< a client could have been answered along that edge
    Cause cause{};
  };
  struct Settings {
    Epoch epoch{};                             ///< of its placement
    std::uint64_t seed = 0;                    ///< of draws for `any`
    std::vector<EdgeMeter>* meters = nullptr;  ///< by edge of its tables; outlive this. Null: not measured
  };

  /// Sends in the name of `self`, which outlives this, as does `owner`.
  EdgeOutputs(caf::event_based_actor& self, const EdgeOwner& owner, Settings settings)
      : self_(self), owner_(owner), settings_(settings) {}

  /// Errors: `errc::invalid_argument`: not later than the table in force. `table.edges` are taken.
  [[nodiscard]] Result<void> adopt(RoutingTable& table);
  void push(std::uint32_t edge, Record&& record, Cause cause = Cause{}) {
    edges_[edge].out.push(std::move(record), handed_back_, cause);
    if (!handed_back_.empty()) take_handed_back(edges_[edge]);
  }
  /// The records that `take` makes of `items`, one of each, of one cause.
  template <class Item, class Take>
  void push_all(std::uint32_t edge, std::span<Item> items, Take take, Cause cause = Cause{}) {
    edges_[edge].out.push_all(items, take, handed_back_, cause);
    if (!handed_back_.empty()) take_handed_back(edges_[edge]);
  }
  /// See OutEdge::copies: told by `take_done`, or handed back.
  [[nodiscard]] std::size_t copies(std::uint32_t edge) const { return edges_[edge].out.copies(); }
  /// Causes of what is done with, since the last call.
  [[nodiscard]] std::vector<Cause> take_done() { return std::exchange(done_, {}); }
  void flush(const Stamp& stamp);
  void on_ack(const BatchAck& message);
  /// Receivers are to say at once what they have accepted: before an end.
  void hurry();
  /// From now on `flush` sends nothing; what waits stays, to be counted.
  void cease() noexcept { ceased_ = true; }
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
  [[nodiscard]] bool idle() const noexcept;      ///< see OutEdge::idle
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  struct Edge {
    OutEdge out;
    std::vector<Receiver> receivers;
    std::string to;  ///< EdgeRoute::to
    bool answers_reachable = false;
    EdgeMeter* meter = nullptr;  ///< null: not measured
  };

  void take_handed_back(const Edge& edge);
  void bury(const Edge& edge, const OutEdge::Returned& dangerous);

  caf::event_based_actor& self_;
  const EdgeOwner& owner_;
  Settings settings_;
  std::uint32_t generation_ = 0, part_ = 0, replica_ = 0;
  std::vector<Edge> edges_;
  std::vector<OutEdge::Returned> handed_back_;
  std::vector<Returned> returned_;
  std::vector<Cause> done_;
  bool ceased_ = false;
};

}  // namespace skep
