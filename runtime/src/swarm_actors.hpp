#pragma once
// The actors of one swarm: spawns them, knows who is who, and what each one's routing table says.
//
// Shared by the swarm and its supervisor, which replaces actors while the swarm looks at them from another thread.
// Threads: any; every call takes one lock.

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "skep/actors/supervisor_actor.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/runtime/metrics.hpp"
#include "skep/runtime/swarm_host.hpp"
#include "swarm_meters.hpp"
#include "swarm_order.hpp"

namespace skep::detail {

/// A sink that gives every line `fields`.
[[nodiscard]] LogSink sink_of(SwarmLog log, std::vector<LogField> fields = {});

class SwarmActors final : public SupervisedActors {
 public:
  /// `plan` and `host` outlive this.
  SwarmActors(const SwarmPlan& plan, const SwarmHost& host, SwarmLog log);

  /// One for each replica and gateway, in the order of `ChildId`. Gateways are `alone`.
  [[nodiscard]] std::vector<ChildSpec> child_specs(std::chrono::nanoseconds start_time_max) const;
  void spawn_all(const caf::actor& supervisor);
  /// Forgets all actors and returns them.
  [[nodiscard]] std::vector<caf::actor> take_all();

  /// The replicas of a part; one for a gateway. Null for one that was given up for good.
  [[nodiscard]] std::vector<caf::actor> of(PartIndex part) const;
  [[nodiscard]] std::string label(PartIndex part, std::size_t replica) const;
  [[nodiscard]] DeadLetters& dead_letters() noexcept { return *dead_letters_; }
  /// Waits for no actor.
  [[nodiscard]] SwarmMetrics metrics() const;

  [[nodiscard]] caf::actor actor(ChildId child) override;
  [[nodiscard]] bool is_gateway(ChildId child) const override;
  [[nodiscard]] RoutingTable table(ChildId child) override;
  [[nodiscard]] std::vector<ChildId> respawn(ChildRun run) override;
  [[nodiscard]] std::vector<ChildId> set_receives(ChildId child, Receives receives) override;
  void restarted(ChildId child) override;
  void failed(const std::string& why) override;
  /// Why the supervisor has given up; empty while it has not.
  [[nodiscard]] std::string failure() const;

 private:
  /// A child by part and replica.
  struct Place {
    PartIndex part = 0;
    std::uint32_t replica = 0;
  };

  [[nodiscard]] const Place& place(ChildId child) const { return places_[static_cast<std::size_t>(child)]; }
  [[nodiscard]] bool gateway(PartIndex part) const { return part >= plan_.bees.size(); }
  [[nodiscard]] caf::actor spawn(ChildRun run);
  [[nodiscard]] caf::actor spawn_bee(ChildRun run);
  [[nodiscard]] caf::actor spawn_gateway(ChildId child);
  [[nodiscard]] std::vector<Receiver> receivers(PartIndex part) const;
  [[nodiscard]] std::vector<ChildId> named_by(PartIndex part) const;
  [[nodiscard]] std::uint64_t random_number() const;

  const SwarmPlan& plan_;
  const SwarmHost& host_;
  SwarmLog log_;
  std::shared_ptr<DeadLetters> dead_letters_;
  std::vector<Place> places_;      // by child
  std::vector<ChildId> first_of_;  // by part: its replica 0; the others follow
  mutable std::mutex mutex_;       // over what is below
  caf::actor supervisor_;
  std::vector<std::vector<caf::actor>> actors_;  // the replicas, by part
  std::vector<std::uint32_t> generations_;       // of the last table, by child
  std::vector<Epoch> births_;                    // of the actors, by child
  std::vector<bool> closed_;                     // they will not come back, by child
  std::string failure_;
  SwarmMeters meters_;
};

}  // namespace skep::detail
