#pragma once
// The sending ends of one placement: a session with every receiver of its edges, and their one timer.

#include <cstdint>
#include <vector>

#include "skep/actors/edge_session.hpp"
#include "world.hpp"

namespace skep::simulation {

class SimOutlet {
 public:
  using Causes = std::vector<Cause>;

  SimOutlet(World& world, Place self) : world_(world), self_(self) {}

  void open(ActorId receiver, const Placement& placement);
  void push(ActorId receiver, Record record, Cause cause);
  void flush();
  void on_ack(const EdgeBack& back, Causes& done);
  /// Receivers that were placed anew get what is not done; those that are gone for good are given up.
  void apply(const Table& table, Causes& done);
  void on_timer();
  /// The placement ends: what it had is lost.
  void give_up();

  [[nodiscard]] std::size_t waiting() const noexcept;     ///< without answers: they have no credit to wait for
  [[nodiscard]] std::size_t never_sent() const noexcept;  ///< of those, not even to an earlier placement
  [[nodiscard]] std::size_t waiting(ActorId receiver);
  [[nodiscard]] std::uint64_t load(ActorId receiver);
  void expect_rest();

 private:
  struct Lane {
    ActorId receiver{};
    NodeId node{};
    bool answers = false;
    EdgeSender sender;
    Invariants::Log* log = nullptr;
    std::uint64_t sent = 0;  ///< to this placement: sequence of the next one, as seen from outside
    std::uint64_t sent_ever = 0;
    std::uint64_t done = 0;
    std::uint64_t base = 0;  ///< at_most_once: where the session with this placement began
  };

  [[nodiscard]] Lane& lane(ActorId receiver);
  [[nodiscard]] bool keeps() const noexcept { return world_.scenario.delivery == Delivery::at_least_once; }
  void reopen(Lane& lane, const Placement& placement);
  std::uint64_t lose(const Lane& lane, std::uint64_t end);
  void arm();

  World& world_;
  Place self_;
  std::vector<Lane> lanes_;
  std::optional<Time> armed_;
};

}  // namespace skep::simulation
