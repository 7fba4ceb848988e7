#pragma once
// The actors of one swarm: spawns them, knows who is who, and what each one's routing table says.
//
// Shared by the swarm and its supervisor, which replaces actors while the swarm looks at them from another thread, and,
// where the swarm is on several nodes, known to the cluster, which says what is where. Its supervisor then has all
// children of the swarm; those on other nodes are down for it, and tables name their proxies instead. What is where,
// SwarmPlaces decides.
// Threads: any; every call takes one lock.

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cluster/placed_swarm.hpp"
#include "skep/actors/supervisor_actor.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/runtime/metrics.hpp"
#include "skep/runtime/swarm_host.hpp"
#include "swarm_meters.hpp"
#include "swarm_order.hpp"
#include "swarm_places.hpp"

namespace skep::detail {

/// One for all parts of a swarm: a std::function of its own in each of many replicas would cost more than all they log.
using SharedSwarmLog = std::shared_ptr<const SwarmLog>;

/// A sink that gives every line the number of its replica, if there is one.
[[nodiscard]] LogSink sink_of(SharedSwarmLog log, std::optional<std::uint32_t> replica = std::nullopt);

/// Tells that a gateway is open.
void log_open(const SwarmLog& log, const std::string& swarm, const GatewaySpec& gateway, const std::string& address);

class SwarmActors final : public SupervisedActors, public PlacedSwarm {
 public:
  /// `plan` and `host` outlive this.
  SwarmActors(const SwarmPlan& plan, const SwarmHost& host, SwarmLog log);

  /// One for each replica and gateway, in the order of `ChildId`. Gateways are `alone`.
  [[nodiscard]] std::vector<ChildSpec> child_specs(std::chrono::nanoseconds start_time_max) const;
  void spawn_all(const caf::actor& supervisor);
  /// Forgets all actors and returns them.
  [[nodiscard]] std::vector<caf::actor> take_all();

  /// The replicas of a part on this node; one a thread for a gateway. Null for one that is not here, or was given up
  /// for good.
  [[nodiscard]] std::vector<caf::actor> of(PartIndex part) const;
  [[nodiscard]] std::string label(PartIndex part, std::size_t replica) const;
  /// Of what `of` has at this place.
  [[nodiscard]] std::string label_here(PartIndex part, std::size_t place) const;
  [[nodiscard]] DeadLetters& dead_letters() noexcept { return *dead_letters_; }
  /// Waits for no actor.
  [[nodiscard]] SwarmMetrics metrics() const;

  [[nodiscard]] caf::actor actor(ChildId child) override;
  [[nodiscard]] bool is_gateway(ChildId child) const override;
  [[nodiscard]] RoutingTable table(ChildId child) override;
  [[nodiscard]] std::vector<ChildId> respawn(ChildRun run) override;
  [[nodiscard]] std::vector<ChildId> set_receives(ChildId child, Receives receives) override;
  void restarted(ChildId child) override;
  void up(ChildId child) override;
  [[nodiscard]] std::vector<ChildId> placed_elsewhere(ChildId child) override;
  [[nodiscard]] std::set<ChildId> take_outdated() override;
  void failed(const std::string& why) override;

  void place(const Placement& placement) override;
  [[nodiscard]] std::optional<Epoch> tell(NodeNumber node, const ActorPresence& presence,
                                          const std::function<caf::actor()>& proxy) override;
  void lose(NodeNumber node) override;
  [[nodiscard]] bool give_up(NodeNumber node) override;
  [[nodiscard]] std::vector<ActorPresence> presence() const override;
  [[nodiscard]] caf::actor local(std::uint32_t part, std::uint32_t replica, Epoch epoch) const override;
  [[nodiscard]] caf::actor taker(std::uint32_t part, std::uint32_t replica, Epoch epoch,
                                 SenderKey sender) const override;

  /// The node is going to end: its gateways first.
  void begin_end();
  /// Then its bees: other nodes are told, and what was on its way to them from there is theirs when this returns, or
  /// after that time. What comes later stays with its sender under at_least_once: a bee that is asked to drain after
  /// this is given nothing that it would have to refuse.
  void drain(std::chrono::milliseconds time_max);
  /// Then its sinks: other nodes are told. Under at_least_once a sink leaves to its senders what comes after its drain.
  void drain_sinks() { enter(SwarmPlaces::Phase::sinks_drain); }
  /// All that is here has drained, or had no more time: other nodes are told of its gateways.
  void drained() { enter(SwarmPlaces::Phase::drained); }
  [[nodiscard]] std::string failure() const override;

 private:
  void enter(SwarmPlaces::Phase phase);
  [[nodiscard]] bool gateway(PartIndex part) const { return part >= plan_.bees.size(); }
  [[nodiscard]] caf::actor spawn(ChildRun run);
  [[nodiscard]] caf::actor spawn_bee(ChildRun run, Epoch epoch);
  [[nodiscard]] caf::actor spawn_gateway(ChildId child, Epoch epoch);
  [[nodiscard]] std::uint32_t origin_number(ChildId gateway) const;
  [[nodiscard]] GatewaySpread spread_of(ChildId gateway) const;
  [[nodiscard]] Receiver receiver(ChildId child) const;
  [[nodiscard]] std::vector<Receiver> receivers(PartIndex part) const;
  [[nodiscard]] std::vector<GatewayRoute> gateway_routes() const;
  [[nodiscard]] const std::vector<ChildId>& named_by(PartIndex part) const { return named_by_[part]; }
  [[nodiscard]] bool names(PartIndex from, PartIndex to) const;
  [[nodiscard]] bool leads(SenderKey edge, PartIndex to) const;
  [[nodiscard]] std::uint64_t random_number() const;
  void follow(const SwarmPlaces::Changes& changes);
  void say_open(ChildId gateway) const;

  const SwarmPlan& plan_;
  const SwarmHost& host_;
  SharedSwarmLog log_;
  NodeNumber node_;  // this one; 1 where there are no others
  std::shared_ptr<DeadLetters> dead_letters_;
  std::vector<std::vector<ChildId>> named_by_;    // by part: whose tables name it
  std::vector<std::vector<PartIndex>> edges_of_;  // by part: where the edges of its tables lead
  std::vector<EntrancePtr> entrances_;            // by gateway; null for one with one thread
  mutable std::mutex mutex_;                      // over what is below
  SwarmPlaces places_;
  caf::actor supervisor_;
  std::vector<std::vector<caf::actor>> actors_;  // the replicas here, by part; null for those elsewhere
  std::map<std::pair<ChildId, NodeNumber>, caf::actor> proxies_;  // of the actor that the node has told of last
  std::vector<std::uint32_t> generations_;                        // by child: of its last table
  std::set<PartIndex> outdated_;  // parts that others' tables name, and that are elsewhere than those say
  std::string failure_;
  SwarmMeters meters_;
};

}  // namespace skep::detail
