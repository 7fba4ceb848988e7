#pragma once
// Decides where actors run, as the coordinator will: replaces what was on a node that is lost, with a higher epoch.
//
// It is told of events some time after they have happened; its tables reach each node some time later, but surely,
// while the node lives. It never fails itself. Gateways stay on their node: when that comes back, so do they, with a
// new epoch.

#include <vector>

#include "sim_node.hpp"
#include "world.hpp"

namespace skep::simulation {

class SimController {
 public:
  SimController(World& world, std::vector<SimNode>& nodes);

  /// The first placement: everything, and every node knows it at once.
  void start();
  void lost(NodeId node);
  /// A node is there: a new life of it, or one that was lost for nothing.
  void joined(NodeId node);
  /// A node will not come back.
  void left(NodeId node);
  /// A replica has ended for good.
  void retired(ActorId actor);
  /// A node has started an actor again, by itself.
  void restarted(ActorId actor, Epoch epoch);

  [[nodiscard]] const Table& table() const noexcept { return table_; }

 private:
  struct Member {
    bool there = true;
    std::uint32_t life = 1;
  };

  void place(ActorId actor, NodeId node);
  void end(ActorId actor);
  [[nodiscard]] std::vector<ActorId> pinned_to(NodeId node) const;
  void place_unplaced();
  void publish();

  World& world_;
  std::vector<SimNode>& nodes_;
  std::vector<Member> members_;
  std::vector<bool> unplaced_;  ///< by ActorId
  Table table_;
  std::uint64_t decisions_ = 0;
};

}  // namespace skep::simulation
