#pragma once
// A swarm that runs: starts its bees from the sinks up and its gateways last, drains it from the gateways down.
//
// Its supervisor restarts what fails. One that fails too often, as `[supervision]` has it, is `failed`: its bees stop,
// its gateways stay and answer `unavailable`, and nothing else of the node is touched.
// Lifetime: owned by Node; outlived by the actor system, the I/O thread and the log. Threads: call from one thread;
// blocks it while starting, draining and asking for counters.

#include <caf/fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/dead_letters.hpp"
#include "skep/actors/edge_messages.hpp"
#include "skep/actors/supervision_messages.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/metrics.hpp"
#include "skep/runtime/swarm_host.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class PlacedSwarm;  // src/cluster/placed_swarm.hpp

struct SwarmTotals {
  struct Bee {
    std::string name;
    std::uint32_t replica = 0;
    BeeCounters counters;
  };
  struct Gateway {
    std::string name;
    std::string address;
    GatewayCounters counters;
  };
  /// Records that a drain had no time for, in the part or on their way to it, and those that a bee held to its end. To
  /// the record; of a part that does not answer any more, as many as were known of.
  struct Left {
    std::string part;  ///< "bee 'b'", "gateway 'g'"
    std::uint64_t records = 0;
  };
  std::vector<Bee> bees;
  std::vector<Gateway> gateways;
  std::vector<Left> left;  ///< not counted where nothing is measured
};

class Swarm {
 public:
  /// Starts everything, each bee within `start_time_max`. Errors: the first bee or gateway that did not start, by name,
  /// with its words; what had started is stopped again.
  [[nodiscard]] static Result<std::unique_ptr<Swarm>> start(
      SwarmPlan plan, SwarmHost host, std::chrono::milliseconds start_time_max = limits::start_time_max);
  ~Swarm();  ///< stops what still runs; what was not drained is lost

  [[nodiscard]] const std::string& name() const noexcept;
  /// What did not answer within a second has zeros.
  [[nodiscard]] SwarmTotals totals() const;
  /// Gateways take no more, everything admitted is answered, every queue runs empty, everything ends. Errors:
  /// `errc::timed_out` after `time_max`, with the names of what had not finished; it is ended all the same, and
  /// `totals` still has its counters, and what is lost with it. A second call does nothing.
  /// `limit`: the setting that `time_max` is what is left of, for the message; none: `time_max` itself.
  [[nodiscard]] Result<SwarmTotals> drain(std::chrono::milliseconds time_max,
                                          std::optional<std::chrono::nanoseconds> limit = std::nullopt);
  /// It has given up restarting; `failure` says why. Threads: any.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::string failure() const;
  /// Phase, restarts and the last reasons of failures; as of the drain once it was drained.
  [[nodiscard]] Supervision supervision() const;
  /// What its parts have measured so far; waits for none of them. Threads: any, while the swarm lives.
  [[nodiscard]] SwarmMetrics metrics() const;
  /// Records that bees threw on. Threads: any, while the swarm lives.
  [[nodiscard]] DeadLetters& dead_letters() const noexcept;
  /// Gives a dead letter to its bee again, without deadline and without a client to answer: it was told already. What
  /// comes out goes along the bee's edges. Errors: `errc::not_found`; `errc::unavailable` once it was drained, has
  /// failed, or where that bee does not run: the letter stays.
  [[nodiscard]] Result<void> replay(DeadLetterId id);
  /// Its gateways read the files of their certificates again (Reload). Returns whether there are such gateways.
  /// Threads: any, while the swarm lives.
  bool reload();
  /// What a cluster tells where its parts run; of one with a site (SwarmHost).
  [[nodiscard]] PlacedSwarm& placed() noexcept;
  /// Whether it can come to its end by itself: its only sources are files, and all of it is here.
  [[nodiscard]] bool can_finish() const noexcept;
  /// Whether every source has come to its end, so that nothing more will come.
  [[nodiscard]] bool finished() const;

 private:
  struct Parts;
  explicit Swarm(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep
