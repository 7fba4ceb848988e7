#include "gateway_actor.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/response_promise.hpp>
#include <caf/typed_response_promise.hpp>

#include "custom_messages.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/supervision_messages.hpp"

namespace skep {

GatewayActor::GatewayActor(caf::actor_config& config, GatewayThread thread, GatewayPlan plan, GatewaySettings settings)
    : caf::event_based_actor(config), plan_(std::move(plan)), answers_(settings.epoch, settings.delivery) {
  set_default_handler(caf::drop);
  settings.typed_as_json = plan_.wire.typed_as_json;
  core_ = std::make_unique<GatewayCore>(*this, std::move(thread), std::move(settings), plan_.options);
}

caf::message_handler GatewayActor::handlers() {
  return {
      [this](const RoutingTable& table) { return start(table); },
      [this](ReplyBatch& batch) { take_replies(batch); },
      [this](RecordBatch& batch) { core_->take_records(current_sender(), std::move(batch)); },
      [this](const BatchAck& message) { core_->take_ack(message); },
      [this](BecomeUnavailable& message) { core_->make_unavailable(std::move(message.reason)); },
      [this](DrainBegins) { core_->limit_wait_for_peers(); },
      [this](EndIntake message) { return end(&GatewayCore::end_intake, message.time_max); },
      [this](Drain message) { return end(&GatewayCore::drain, message.time_max); },
      [this](const Cease& message) { core_->cease(message); },
      [this](Reload) { core_->reload(); },
      [this](TakeUp) { core_->take_up(); },
      [this](const GatewayBroke& message) { break_off(message.why); },
      [this](ReadCounters) { return core_->counters(); },
      [this](ReadAddress) { return core_->address(); },
  };
}

caf::result<void> GatewayActor::start(const RoutingTable& table) {
  const auto started = core_->start(table, plan_.make);
  if (started) return caf::unit;
  return to_caf_error(started.error());
}

/// The supervisor hears why by the actor's end, and starts another.
void GatewayActor::break_off(const std::string& why) {
  core_->break_off();
  quit(to_caf_error(Error{errc::unavailable, why}));
}

void GatewayActor::take_replies(ReplyBatch& message) {
  const auto stamp = message.batch.stamp;
  core_->take_replies({answers_.receive(std::move(message), current_sender()), stamp});
  for (const auto& [to, ack] : answers_.take_acks()) send(caf::actor_cast<caf::actor>(to), ack);
}

caf::result<GatewayCounters> GatewayActor::end(End how, std::chrono::milliseconds time_max) {
  auto promise = make_response_promise<GatewayCounters>();
  (*core_.*how)(time_max, [this, promise]() mutable { promise.deliver(core_->counters()); });
  return promise;
}

IoGatewayActor::IoGatewayActor(caf::actor_config& config, IoThreads::Loop& loop, GatewayPlan plan,
                               GatewaySettings settings)
    : GatewayActor(
          config,
          {[&loop](std::function<void()> call) -> WakeupPtr { return new LoopWakeup(loop.context(), std::move(call)); },
           loop.admission(), &loop},
          std::move(plan), std::move(settings)),
      loop_(loop) {}

void IoGatewayActor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) {
  caf::scheduled_actor::enqueue(std::move(message), loop_.unit_for(unit));
}

void IoGatewayActor::launch(caf::execution_unit*, bool lazy, bool hide) {
  self_ = caf::strong_actor_ptr(ctrl());
  caf::scheduled_actor::launch(&loop_, lazy, hide);
}

void IoGatewayActor::on_exit() {
  GatewayActor::on_exit();
  self_.reset();
}

}  // namespace skep
