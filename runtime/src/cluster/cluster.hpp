#pragma once
// This node's part of a static cluster: what its links tell it and what its swarms do, put together.
//
// `ClusterState` decides; this tells the swarms what runs where, the other nodes what was decided and which actors are
// up here, and hands proxies to the swarms. All of it happens in the links' thread.
// Lifetime: outlives its swarms' actors; `stop` before the swarms go. Threads: that of its owner.

#include <caf/fwd.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cluster/cluster_state.hpp"
#include "cluster/placed_swarm.hpp"
#include "link/link_host.hpp"
#include "skep/runtime/metrics.hpp"

namespace skep {

class Cluster final : private LinkUser {
 public:
  struct Settings {
    std::string cluster;          ///< its name
    NodeNumber self = 0;          ///< this node, by its place in `nodes`
    std::vector<LinkPeer> nodes;  ///< all that are configured, this one too, by number
    std::vector<Member> members;  ///< the same, as `place` sees them
    Digest digest{};              ///< of that list
    HostPort listen;
    TlsContextPtr tls;
    LogSink log;
    LinkSettings links{};
    std::chrono::nanoseconds placement_wait_max = limits::placement_wait_max;
    std::chrono::nanoseconds placement_settle_time = limits::placement_settle_time;
    std::chrono::nanoseconds placement_reach_time = limits::placement_reach_time;
    std::chrono::nanoseconds lost_gateway_time_max = limits::lost_gateway_time_max;
  };

  Cluster(caf::actor_system& system, Settings settings);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// A swarm is to run; before `start`. Its site lives as long as this.
  [[nodiscard]] SwarmSite& add(const std::string& swarm, const SwarmDigest& digest, PlacementNeeds needs);
  /// It is started: what is placed here starts as soon as the cluster has.
  void set(SwarmSite& site, PlacedSwarm& swarm);
  /// Errors: `errc::io`: the node port cannot be listened on; `errc::unavailable`: a swarm that was added is not set;
  /// `errc::too_large`: there are more swarms, or replicas of one, than messages between nodes have room for.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] const std::string& address() const noexcept { return host_->address(); }
  void stop();
  [[nodiscard]] NodeNumber self() const noexcept { return settings_.self; }
  /// "node a of cluster 'demo'"
  [[nodiscard]] std::string member() const;
  /// As LinkHost::use, once it has started. Any thread.
  void use(TlsContextPtr tls);
  /// Waits for nobody. Any thread.
  [[nodiscard]] ClusterMetrics metrics() const;

 private:
  class Site;
  using Time = std::chrono::steady_clock::time_point;
  struct Peer {
    RemoteActors* actors = nullptr;  ///< while the link is up
    std::optional<Time> lost_at{};
    std::vector<std::uint32_t> failed{};              ///< swarms there, while the link is up
    std::vector<std::optional<Epoch>> told_epochs{};  ///< of each swarm, the placement that it was told; the same
  };

  void link_up(NodeNumber node, RemoteActors& actors) override;
  void link_down(NodeNumber node, const std::string& why) override;
  void heard(NodeNumber node, LinkHeartbeat heartbeat) override;
  void heard(NodeNumber node, PlacementNotice notice) override;
  void heard(NodeNumber node, PresenceNotice notice) override;
  [[nodiscard]] LinkHeartbeat heartbeat() override;
  [[nodiscard]] caf::actor local(const BeeAddress& address) override;
  [[nodiscard]] caf::actor taker(const BeeAddress& address, SenderKey sender) override;

  [[nodiscard]] LinkHost::Settings host_settings();
  [[nodiscard]] Result<void> check_sizes() const;
  void look();
  void look_for_lost(Time now);
  void decide();
  void report_decider(Time now);
  void report_failures(NodeNumber node, const std::vector<std::uint32_t>& failed);
  void count_places(std::uint32_t swarm, const Placement& view);
  void see_others();
  void apply(std::uint32_t swarm);
  void say_placement(NodeNumber node, std::uint32_t swarm);
  void say_placement(std::uint32_t swarm);
  void say_presence(Link& link, std::uint32_t swarm);
  template <class Notice>
  void say(const Notice& notice);
  void changed(std::uint32_t swarm, ActorPresence presence);

  caf::actor_system& system_;
  mutable std::mutex tls_mutex_;  // over settings_.tls
  Settings settings_;
  std::uint64_t incarnation_;
  std::vector<LinkSwarm> swarms_;
  std::vector<PlacementNeeds> needs_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::optional<ClusterState> state_;  ///< from `start` on, in the links' thread, as what is below
  std::vector<Peer> peers_;            ///< by number less 1
  Time waits_until_{};                 ///< for nodes that have not come yet
  bool reported_alone_ = false;        ///< that no node may decide
  std::optional<LinkHost> host_;
  WakeupPtr wakeup_;
  Count seen_;                        ///< nodes, for readers of metrics
  std::atomic<bool> started_{false};  ///< swarms, sites and links are there for them
};

}  // namespace skep
