#include "skep/gateways/io_thread.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <utility>

#include "gateway_actor.hpp"
#include "net/loop.hpp"

namespace skep {

IoThread::IoThread(caf::actor_system& system, std::size_t payload_bytes_max)
    : loop_(std::make_unique<Loop>(system, payload_bytes_max)) {}

GatewayHost::~GatewayHost() = default;
IoThread::~IoThread() = default;

void IoThread::stop() {
  loop_->stop();
}

void IoThread::shed(std::string why) {
  boost::asio::post(loop_->context(),
                    [loop = loop_.get(), why = std::move(why)]() mutable { loop->admission().shed(std::move(why)); });
}

void IoThread::take_again() {
  boost::asio::post(loop_->context(), [loop = loop_.get()] { loop->admission().take_again(); });
}

caf::actor IoThread::spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) {
  caf::actor_config config(loop_.get());
  return system.spawn_class<IoGatewayActor, caf::no_spawn_options>(config, *loop_, std::move(plan),
                                                                   std::move(settings));
}

}  // namespace skep
