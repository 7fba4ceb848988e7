#pragma once
// The sending ends of one placement: its edges, its sessions with the gateways that it answers, and their one timer.
//
// Beside every session stands a log of what was given to it, in order, which is kept from what an edge is promised to
// do; what OutEdge and EdgeSender do is compared with it.

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "skep/actors/edge_session.hpp"
#include "skep/actors/out_edge.hpp"
#include "world.hpp"

namespace skep::simulation {

class SimOutlet {
 public:
  using Causes = std::vector<Cause>;

  SimOutlet(World& world, Place self, const Table& table);

  /// How often the cause of the next record for that stage is told.
  [[nodiscard]] std::size_t copies(std::size_t stage) const;
  /// Causes of what is handed back at once are appended to `told`. There is an edge to that stage if it has replicas.
  void push(std::size_t stage, Record record, Cause cause, Causes& told);
  /// Whether that gateway can be answered from here; if so `answer` may be called.
  [[nodiscard]] bool answers(ActorId gateway) const;
  void answer(ActorId gateway, Record record, Cause cause);
  void flush();
  void on_ack(const EdgeBack& back, Causes& told);
  /// Receivers that were placed anew get what is not done; of those that are gone for good it is handed back.
  void apply(const Table& table, Causes& told);
  void on_timer();
  /// The placement ends: what it had is lost.
  void give_up();

  /// No further input now.
  [[nodiscard]] bool blocked() const;
  /// Records that wait for one replica, the most there are on an edge that blocks, and were never sent.
  [[nodiscard]] std::size_t never_sent() const noexcept;
  /// Handed back because nobody is there, or as dangerous, since the last call.
  [[nodiscard]] std::vector<Record> take_returned() { return std::exchange(unavailable_, {}); }
  void expect_rest();

 private:
  struct Lane {
    ActorId receiver{};
    Placement placement{};
    Invariants::Log* log = nullptr;
    std::vector<Cause> causes;  ///< of what was given
    std::uint64_t sent = 0;     ///< to this placement: sequence of the next one, as seen from outside
    std::uint64_t sent_ever = 0;
    std::uint64_t done = 0;
    std::uint32_t alone = 0;  ///< ends of placements that had been sent nothing else that is not done, in a row
    std::uint64_t base = 0;   ///< at_most_once: where the session with this placement began

    void give(RecordNumber number, Cause cause) {
      log->given.push_back(number);
      causes.push_back(cause);
    }
  };
  struct Edge {
    std::size_t stage;
    OutEdge out;
    std::vector<Lane> lanes;
  };
  struct Reply {
    Lane lane;
    EdgeSender sender;
  };
  using Returned = OutEdge::Returned;

  void open_edge(std::size_t stage, const Table& table);
  [[nodiscard]] Lane make_lane(ActorId receiver, const Table& table);
  [[nodiscard]] Edge& edge(std::size_t stage);
  [[nodiscard]] const Stage& stage_of(const Edge& edge) const { return world_.scenario.stage[edge.stage]; }
  [[nodiscard]] bool keeps() const noexcept { return world_.scenario.delivery == Delivery::at_least_once; }
  [[nodiscard]] bool is_target(const Edge& edge, std::size_t lane, const Record& record) const;
  void expect_routed(Edge& edge, const EdgeSender::Undone& pushed, const std::vector<std::size_t>& before);
  void expect_any(Edge& edge, RecordNumber number, const std::vector<std::size_t>& before);
  void expect_dropped(Edge& edge, std::size_t at, RecordNumber number, std::size_t before);
  void take_unavailable(Edge& edge, RecordNumber number, Cause cause);
  void take_told(Lane& lane, const Causes& told, std::size_t before);
  void expect_counts(const Edge& edge);
  void rewire(Edge& edge, const Table& table);
  void note_change(Edge& edge, std::size_t at, const Placement& placement);
  void note_gone(Edge& edge, Lane& lane);
  void take_dangerous(Lane& lane, std::size_t at);
  void note_reopened(Lane& lane, const Placement& placement);
  void rewire(Reply& reply, const Placement& placement, Causes& told);
  std::uint64_t lose(const Lane& lane, std::uint64_t end);
  void send(Lane& lane, EdgePacket&& packet);
  void told_of_returned(Causes& told);
  void arm();

  World& world_;
  Place self_;
  std::vector<Edge> edges_;
  std::vector<Reply> replies_;
  std::vector<Returned> returned_;
  std::size_t explained_ = 0;  ///< of returned_
  std::uint64_t lost_ = 0;     ///< by name, in one call of `apply`
  std::vector<Record> unavailable_;
  std::vector<std::size_t> before_;
  std::optional<Time> armed_;
};

}  // namespace skep::simulation
