#include "skep/gateways/io_thread.hpp"

#include <caf/actor_system.hpp>

#include "gateway_actor.hpp"
#include "net/loop.hpp"

namespace skep {

IoThread::IoThread(caf::actor_system& system) : loop_(std::make_unique<Loop>(system)) {}

GatewayHost::~GatewayHost() = default;
IoThread::~IoThread() = default;

void IoThread::stop() {
  loop_->stop();
}

caf::actor IoThread::spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) {
  caf::actor_config config(loop_.get());
  return system.spawn_class<IoGatewayActor, caf::no_spawn_options>(config, *loop_, std::move(plan),
                                                                   std::move(settings));
}

}  // namespace skep
