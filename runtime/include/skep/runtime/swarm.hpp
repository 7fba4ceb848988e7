#pragma once
// A swarm that runs: starts its bees from the sinks up and its gateways last, drains it from the gateways down.
//
// Lifetime: owned by Node; outlived by the actor system and the I/O thread. Threads: call from one thread; blocks it
// while starting and draining.

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

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
  std::vector<Bee> bees;
  std::vector<Gateway> gateways;
};

class Swarm {
 public:
  /// Starts everything. Errors: the first bee or gateway that did not start, by name, with its words; what had started
  /// is stopped again.
  [[nodiscard]] static Result<std::unique_ptr<Swarm>> start(SwarmPlan plan, caf::actor_system& system, IoThread& io,
                                                            LogSink log);
  ~Swarm();  ///< drains, if that was not done

  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] SwarmTotals totals() const;
  /// Gateways take no more, everything admitted is answered, every queue runs empty. Errors: `errc::timed_out` after
  /// `time_max`, with what had not finished; it is ended all the same.
  [[nodiscard]] Result<SwarmTotals> drain(std::chrono::milliseconds time_max);
  /// Whether every gateway is a source that has come to its end (files), so that nothing more will come.
  [[nodiscard]] bool finished() const;

 private:
  struct Parts;
  explicit Swarm(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep
