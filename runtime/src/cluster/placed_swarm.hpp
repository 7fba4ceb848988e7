#pragma once
// A swarm that runs on several nodes, as the cluster sees it, and the cluster, as the swarm's actors see it.

#include <caf/actor.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "placement/placement.hpp"
#include "placement/presence.hpp"
#include "skep/actors/edge_messages.hpp"

namespace skep {

/// This node's part of a swarm. Threads: any, while the swarm lives.
class PlacedSwarm {
 public:
  /// What runs where from now on: starts what is to run here, ends what is not, once the swarm itself is started.
  virtual void place(const Placement& placement) = 0;
  /// What another node says of an actor of its own; `proxy` makes one of it, or null where there are too many, and
  /// is called if the swarm has such a part. Returns the actor of that node whose place it takes, if there is one.
  [[nodiscard]] virtual std::optional<Epoch> tell(NodeNumber node, const ActorPresence& presence,
                                                  const std::function<caf::actor()>& proxy) = 0;
  /// The link to the node is down: what is for its actors waits.
  virtual void lose(NodeNumber node) = 0;
  /// It has been away for too long: nobody keeps answers for its gateways any more. Returns whether it has any.
  [[nodiscard]] virtual bool give_up(NodeNumber node) = 0;
  /// All actors of this node.
  [[nodiscard]] virtual std::vector<ActorPresence> presence() const = 0;
  /// Why this node's part has given up; empty while it has not.
  [[nodiscard]] virtual std::string failure() const = 0;
  /// The actor of this node with this very placement; null: there is none.
  [[nodiscard]] virtual caf::actor local(std::uint32_t part, std::uint32_t replica, Epoch epoch) const = 0;
  /// The same, for records of this sender; null: also where it takes no more, and their senders keep them for whoever
  /// takes its place, and where no edge of the swarm leads from that sender to it.
  [[nodiscard]] virtual caf::actor taker(std::uint32_t part, std::uint32_t replica, Epoch epoch,
                                         SenderKey sender) const = 0;

 protected:
  ~PlacedSwarm() = default;
};

/// Where a swarm's actors are. Outlives them.
class SwarmSite {
 public:
  SwarmSite(NodeNumber node, std::vector<std::vector<NodeNumber>> gateway_nodes)
      : node_(node), gateway_nodes_(std::move(gateway_nodes)) {}

  [[nodiscard]] NodeNumber node() const noexcept { return node_; }
  /// The configured nodes that a gateway runs on, by rising number; its replicas are numbered so, those of all
  /// its threads on the first one first.
  [[nodiscard]] const std::vector<NodeNumber>& nodes_of_gateway(std::size_t gateway) const {
    return gateway_nodes_[gateway];
  }
  /// What is to be said of one of this node has changed. Any thread.
  virtual void changed(ActorPresence presence) = 0;
  /// Waits, so long at most, until all that a taker was found for is in its mailbox. Returns whether it is. Any thread
  /// but the links'.
  [[nodiscard]] virtual bool await_arrivals(std::chrono::milliseconds time_max) = 0;

 protected:
  ~SwarmSite() = default;

 private:
  NodeNumber node_;
  std::vector<std::vector<NodeNumber>> gateway_nodes_;
};

}  // namespace skep
