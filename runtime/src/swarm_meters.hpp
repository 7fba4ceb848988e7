#pragma once
// The meters of one swarm: a new one for each actor, and what the actors before it had counted.
//
// Lifetime: owned by SwarmActors. Threads: any, under the lock of its owner; the meters themselves are written by their
// actors meanwhile.

#include <vector>

#include "skep/runtime/lint.hpp"
#include "skep/runtime/metrics.hpp"
#include "swarm_order.hpp"

namespace skep::detail {

class SwarmMeters {
 public:
  /// `plan` outlives this.
  SwarmMeters(const SwarmPlan& plan, Measure measure);

  /// For a new actor; empty if nothing is measured.
  [[nodiscard]] BeeMeterPtr renew_bee(PartIndex part, std::uint32_t replica);
  [[nodiscard]] GatewayMeterPtr renew_gateway(PartIndex part, std::uint32_t thread);
  /// Its actor ends, and none follows here: what it has now is nothing any more.
  void retire_bee(PartIndex part, std::uint32_t replica);
  /// The supervisor restarts a replica, or a gateway.
  void restarted(PartIndex part);

  /// All but what a supervisor or the dead letters know.
  [[nodiscard]] SwarmMetrics read() const;

 private:
  enum class Of : std::uint8_t {
    now,
    past  ///< without what is only now
  };
  struct Bee {
    BeeMeterPtr meter;  ///< empty: it has had no actor here
    Of of = Of::now;
  };

  void add(const BeeMeter& meter, Of of, PartIndex part, SwarmMetrics& to) const;
  void add(const GatewayMeter& meter, Of of, PartIndex part, SwarmMetrics& to) const;
  void add_edges(const std::vector<EdgeMeter>& meters, Of of, PartIndex part, SwarmMetrics& to) const;

  const SwarmPlan& plan_;
  Measure measure_;
  std::vector<std::vector<std::size_t>> edges_;         // by part: its edges in the plan, in the order of its tables
  std::vector<std::vector<Bee>> bees_;                  // by part and replica
  std::vector<std::vector<GatewayMeterPtr>> gateways_;  // and thread
  SwarmMetrics past_;                                   // of actors that were replaced
};

}  // namespace skep::detail
