#include "gateway_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/response_promise.hpp>
#include <caf/typed_response_promise.hpp>

#include "skep/actors/caf_error.hpp"
#include "skep/actors/supervision_messages.hpp"

namespace skep {

GatewayActor::GatewayActor(caf::actor_config& config, IoThread::Loop& loop, GatewayPlan plan, GatewaySettings settings)
    : caf::event_based_actor(config), loop_(loop), plan_(std::move(plan)) {
  core_ = std::make_unique<GatewayCore>(*this, loop, std::move(settings), plan_.options);
}

void GatewayActor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  caf::scheduled_actor::enqueue(std::move(message), &loop_);
}

void GatewayActor::launch(caf::execution_unit*, bool lazy, bool hide) {
  self_ = caf::strong_actor_ptr(ctrl());
  caf::scheduled_actor::launch(&loop_, lazy, hide);
}

void GatewayActor::on_exit() {
  core_.reset();
  self_.reset();
}

caf::behavior GatewayActor::make_behavior() {
  set_default_handler(caf::drop);
  return {
      [this](const RoutingTable& table) { return start(table); },
      [this](ReplyBatch& batch) { core_->take_replies(std::move(batch)); },
      [this](RecordBatch& batch) { core_->take_records(current_sender(), std::move(batch)); },
      [this](const BatchAck& message) { core_->take_ack(message); },
      [this](BecomeUnavailable& message) { core_->make_unavailable(std::move(message.reason)); },
      [this](EndIntake) { return end(&GatewayCore::end_intake); },
      [this](Drain) { return end(&GatewayCore::drain); },
      [this](ReadCounters) { return core_->counters(); },
      [this](ReadAddress) { return core_->address(); },
  };
}

caf::result<void> GatewayActor::start(const RoutingTable& table) {
  const auto started = core_->start(table, plan_.make);
  if (started) return caf::unit;
  return to_caf_error(started.error());
}

caf::result<GatewayCounters> GatewayActor::end(End end) {
  auto promise = make_response_promise<GatewayCounters>();
  (*core_.*end)([this, promise]() mutable { promise.deliver(core_->counters()); });
  return promise;
}

caf::actor spawn_gateway(caf::actor_system& system, IoThread& io, GatewayPlan plan, GatewaySettings settings) {
  caf::actor_config config(&io.loop());
  return system.spawn_class<GatewayActor, caf::no_spawn_options>(config, io.loop(), std::move(plan),
                                                                 std::move(settings));
}

}  // namespace skep
