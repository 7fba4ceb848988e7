#pragma once
// Where gateways live: the thread of sockets, timers, and the gateways' actors themselves.
//
// A gateway's actor runs here and not on CAF's scheduler, so that a request goes from the socket to the first bee, and
// an answer from the last bee to the socket, with one thread change each. Lifetime: outlives every gateway on it.

#include <caf/fwd.hpp>

#include <cstddef>
#include <memory>
#include <string>

#include "skep/gateways/limits.hpp"

namespace skep {

struct GatewayPlan;  // src/gateway_plan.hpp
struct GatewaySettings;

/// What runs gateways: the I/O thread, or a test without sockets. Outlives them.
class GatewayHost {
 public:
  virtual ~GatewayHost();

  /// Spawns the actor of one. Called from any thread.
  [[nodiscard]] virtual caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) = 0;
};

class IoThread final : public GatewayHost {
 public:
  /// `payload_bytes_max`: of the open requests of all its gateways (skep/gateways/payload_budget.hpp); 0: no bound.
  explicit IoThread(caf::actor_system& system, std::size_t payload_bytes_max = limits::node_payload_bytes_max);
  ~IoThread() override;  ///< stops and joins
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Ends the thread once what is queued has run. Call after every gateway has ended.
  void stop();
  [[nodiscard]] caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) override;

  /// All its gateways take no more until `take_again`: those that reject refuse with `overloaded` and this reason,
  /// those that block stop reading. What is admitted goes on. Threads: any; before `stop`.
  void shed(std::string why);
  void take_again();

  class Loop;  ///< Asio's side of it; src/net
  [[nodiscard]] Loop& loop() noexcept { return *loop_; }

 private:
  std::unique_ptr<Loop> loop_;
};

}  // namespace skep
