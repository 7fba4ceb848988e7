#pragma once
// Where gateways live: the thread of sockets, timers, and the gateways' actors themselves.
//
// A gateway's actor runs here and not on CAF's scheduler, so that a request goes from the socket to the first bee, and
// an answer from the last bee to the socket, with one thread change each. Lifetime: outlives every gateway on it.

#include <caf/fwd.hpp>

#include <memory>

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
  explicit IoThread(caf::actor_system& system);
  ~IoThread() override;  ///< stops and joins
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Ends the thread once what is queued has run. Call after every gateway has ended.
  void stop();
  [[nodiscard]] caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) override;

  class Loop;  ///< Asio's side of it; src/net
  [[nodiscard]] Loop& loop() noexcept { return *loop_; }

 private:
  std::unique_ptr<Loop> loop_;
};

}  // namespace skep
