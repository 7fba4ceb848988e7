#pragma once
// The actor of one gateway, run by the I/O thread between socket events, as caf::io runs its brokers.
//
// Its GatewayCore and all sockets share that thread, so nothing is locked. It keeps itself alive until an exit message.

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

#include <memory>

#include "gateway_core.hpp"

namespace skep {

struct GatewayPlan {
  SharedOptions options;
  MakeTransport make;
};

class GatewayActor final : public caf::event_based_actor {
 public:
  GatewayActor(caf::actor_config& config, IoThread::Loop& loop, GatewayPlan plan, GatewaySettings settings);

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) override;
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override;
  [[nodiscard]] subtype_t subtype() const override { return io_actor; }
  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  [[nodiscard]] caf::result<void> start(const RoutingTable& table);
  using End = void (GatewayCore::*)(std::function<void()>);
  [[nodiscard]] caf::result<GatewayCounters> end(End end);

  IoThread::Loop& loop_;
  GatewayPlan plan_;
  caf::strong_actor_ptr self_;  ///< until the exit: no handle is needed to keep a gateway open
  std::unique_ptr<GatewayCore> core_;
};

[[nodiscard]] caf::actor spawn_gateway(caf::actor_system& system, IoThread& io, GatewayPlan plan,
                                       GatewaySettings settings);

}  // namespace skep
