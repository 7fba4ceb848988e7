#pragma once
// What a swarm runs on: the parts of a node, or those of a test (skep/testing/swarm_harness.hpp).

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/wall_clock.hpp"
#include "skep/gateways/io_threads.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/metrics.hpp"

namespace skep {

class SwarmSite;  // src/cluster/placed_swarm.hpp

using SwarmLog = LogFieldSink;

/// Runs actors until `done`, or until nothing is left that could make it so.
using RunActors = std::function<void(const std::function<bool()>& done)>;

/// Outlives its swarms.
struct SwarmHost {
  caf::actor_system& system;
  GatewayHost& gateways;
  SwarmLog log;
  Execution supervisor = Execution::dedicated;
  /// Seeds of bees and incarnations of gateways, in the order in which they are spawned. Threads: the caller of
  /// Swarm::start, then the supervisor's. Empty: the machine's.
  std::function<std::uint64_t()> random{};
  WallClock wall_clock{};
  BeeCalls* calls = nullptr;  ///< where bees show their calls; null: nobody watches. Outlives the actor system
  /// Where gateways say which clients have left, for bees to read; null: nobody hears. Outlives the actor system.
  DepartedSessions* departed = nullptr;
  std::chrono::nanoseconds inline_time_max = limits::inline_time_max;  ///< see BeeSettings
  RunActors run{};                                                     ///< empty: actors have threads of their own
  Measure measure = Measure::yes;
  SwarmSite* site = nullptr;  ///< of a swarm on several nodes; null: all of it is here
};

}  // namespace skep
