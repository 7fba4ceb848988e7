#pragma once
// Where gateways live: the threads of sockets, timers, and the gateways' actors themselves.
//
// A gateway's actor runs here and not on CAF's scheduler, so that a request goes from the socket to the first bee, and
// an answer from the last bee to the socket, with one thread change each, or none where a bee runs inline
// (skep/actors/inline_runs.hpp). The threads share nothing that a request touches: a gateway on several of them is as
// many actors, each with sessions of its own (GatewaySpread), and each thread has its part of the node's payload
// budget. Lifetime: outlives every gateway on it.

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "skep/gateways/limits.hpp"

namespace skep {

struct GatewayPlan;  // src/gateway_plan.hpp
struct GatewaySettings;

/// What runs gateways: I/O threads, or a test without sockets. Outlives them.
class GatewayHost {
 public:
  virtual ~GatewayHost();

  /// Spawns the actor of one. Called from any thread.
  [[nodiscard]] virtual caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) = 0;
  /// How many actors a gateway that wants to be spread over so many threads has here.
  [[nodiscard]] virtual std::uint32_t actors_of(std::uint32_t /*threads*/) const noexcept { return 1; }
};

class IoThreads final : public GatewayHost {
 public:
  struct Settings {
    std::uint32_t count = 1;  ///< at least one
    /// Of the open requests of all gateways (skep/gateways/payload_budget.hpp), in equal parts; 0: no bound.
    std::size_t payload_bytes_max = limits::node_payload_bytes_max;
  };

  explicit IoThreads(caf::actor_system& system) : IoThreads(system, Settings{}) {}
  IoThreads(caf::actor_system& system, Settings settings);
  ~IoThreads() override;  ///< stops and joins
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  /// Ends the threads once what is queued has run. Call after every gateway has ended.
  void stop();
  /// Each gateway begins at the thread where the one before it has ended, in turn; its next life, and what is spread,
  /// keep to that. Where there are fewer threads than a gateway has actors, several share one.
  [[nodiscard]] caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) override;
  [[nodiscard]] std::uint32_t actors_of(std::uint32_t threads) const noexcept override { return threads; }

  /// All gateways take no more until `take_again`: those that reject refuse with `overloaded` and this reason, those
  /// that block stop reading. What is admitted goes on. Threads: any; before `stop`.
  void shed(const std::string& why);
  void take_again();

  class Loop;  ///< Asio's side of one; src/net
  [[nodiscard]] std::size_t count() const noexcept { return loops_.size(); }
  [[nodiscard]] Loop& loop(std::size_t thread) noexcept { return *loops_[thread]; }

 private:
  [[nodiscard]] std::size_t first_of(const GatewaySettings& gateway);

  std::vector<std::unique_ptr<Loop>> loops_;
  std::mutex mutex_;                           // over what is below
  std::map<std::string, std::size_t> firsts_;  // by gateway: its first thread
  std::size_t next_ = 0;
};

}  // namespace skep
