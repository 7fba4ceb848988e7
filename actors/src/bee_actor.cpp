#include "skep/actors/bee_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>

#include <algorithm>

#include "bee_actor_class.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace {

std::optional<BatchSettings> batches_of(const BeeSettings& settings) {
  if (!settings.takes_batches && settings.batch == BatchSettings{}) return std::nullopt;
  return settings.batch;
}

}  // namespace

BeeActor::BeeActor(caf::actor_config& config, BeeSettings settings)
    : caf::event_based_actor(config),
      keeps_(settings.delivery == Delivery::at_least_once),
      meter_(std::move(settings.meter)),
      surroundings_(settings, home_system().clock()),
      runner_(std::move(settings.factory),
              {settings.takes_batches, settings.holds_records, settings.held, std::move(settings.output_types)},
              surroundings_),
      departed_(settings.departed),
      intake_(batches_of(settings), {.self = settings.epoch, .delivery = settings.delivery}, meter_.get(), departed_),
      egress_(*this, counters_, settings, meter_.get()),
      supervisor_(std::move(settings.supervisor)),
      run_(settings.run) {
  set_handlers();
  be_watched(settings);
}

/// A call that does not return cannot be ended from here: its supervisor is told to do without this actor.
void BeeActor::be_watched(const BeeSettings& settings) {
  if (settings.calls == nullptr) return;
  WatchedBee bee{.name = "bee '" + settings.name + "' replica " + std::to_string(settings.replica) + " of swarm '" +
                         settings.swarm + "'",
                 .execution = settings.execution,
                 .call_time_max = settings.callback_time_max,
                 .on_abandoned = {}};
  if (supervisor_) {
    bee.on_abandoned = [supervisor = supervisor_, self = address()](const std::string& why) {
      caf::anon_send(supervisor, BeeStuck{self, why});
    };
  }
  watched_.emplace(*settings.calls, settings.calls->add(std::move(bee), runner_.calls()));
}

void BeeActor::set_handlers() {
  set_default_handler([this](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
    count_foreign();
    if (current_message_id().is_request()) return caf::make_error(caf::sec::unexpected_message);
    return caf::message{};
  });
  set_error_handler([this](caf::scheduled_actor*, caf::error&) { count_foreign(); });
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg&) { count_foreign(); });
  set_exit_handler([this](caf::scheduled_actor*, caf::exit_msg& message) { quit(std::move(message.reason)); });
  set_exception_handler([this](caf::scheduled_actor*, std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      surroundings_.log(LogLevel::error, std::string("ended by an exception: ") + exception.what());
      return to_caf_error({errc::bee_failed, exception.what()});
    } catch (...) {
      return to_caf_error({errc::bee_failed, "an exception of unknown type"});
    }
  });
}

/// The more often one comes, the earlier: CAF tries them in this order.
caf::behavior BeeActor::make_behavior() {
  return {
      [this](RecordBatch& batch) { receive(batch); },
      [this](const BatchAck& message) {
        egress_.on_ack(message);
        proceed();
      },
      [this](GoOn) {
        will_go_on_ = false;
        act();
      },
      [this](const WakeUp& message) { wake_up(message); },
      [this](RoutingTable& table) { return adopt(table); },
      [this](Replay& message) { return replay(message); },
      [this](const RestartBee& message) { return restart(message); },
      [this](const HaltBee& message) { halt(message); },
      [this](Drain) { return drain(); },
      [this](Cease) { return cease(); },
      [this](ReadCounters) {
        proceed();
        return counters();
      },
  };
}

/// CAF lets an actor handle `messages_max` messages in one go, however long they take; others wait meanwhile.
caf::resumable::resume_result BeeActor::resume(caf::execution_unit* unit, std::size_t messages_max) {
  constexpr std::size_t messages_between_looks = 16;
  const auto end = std::chrono::steady_clock::now() + limits::slice_time;
  for (;;) {
    const auto round = std::min(messages_max, messages_between_looks);
    const auto result = caf::event_based_actor::resume(unit, round);
    messages_max -= round;
    if (result != resume_later || messages_max == 0 || std::chrono::steady_clock::now() >= end) return result;
  }
}

/// Neighbours know each other: without this they would keep each other for ever.
void BeeActor::on_exit() {
  egress_.close();
  intake_.close();
  surroundings_.say_losses(clock().now());
  supervisor_ = nullptr;
  watched_.reset();
  drains_.clear();  // a promise holds its own actor
}

caf::result<void> BeeActor::adopt(RoutingTable& table) {
  if (life_ == Life::created) {
    if (const auto started = runner_.start(); !started) return to_caf_error(started.error());
    life_ = Life::started;
  }
  if (const auto adopted = egress_.adopt(std::move(table)); !adopted) return to_caf_error(adopted.error());
  proceed();
  return caf::unit;
}

void BeeActor::receive(RecordBatch& batch) {
  const bool asks = batch.packet.records.empty();
  const auto came = intake_.add(std::move(batch), current_sender());
  counters_.received += came.records;
  counters_.bytes += came.bytes;
  if (asks) acknowledge();  // its sender may be waiting for nothing else
  if (life_ == Life::stopped || life_ == Life::halted) refuse_all("the bee has stopped");
  proceed();
}

caf::result<void> BeeActor::replay(Replay& message) {
  if (life_ != Life::started) return to_caf_error({errc::unavailable, "the bee does not run"});
  ++counters_.received;
  intake_.add({.packet = {.records = {std::move(message.record)}}}, nullptr);
  proceed();
  return caf::unit;
}

void BeeActor::refuse_all(std::string_view why) {
  const auto all = intake_.take_all();
  if (keeps_) egress_.begin();
  for (const auto& record : all.records) {
    ++counters_.dropped;
    if (life_ == Life::stopped && !egress_.reaches_client(record)) ++counters_.late;
    egress_.answer_error(record, errc::unavailable, why);
  }
  if (keeps_) egress_.end(all.inputs);
  egress_.spent(Stamp::unknown);
  egress_.flush(clock().now());
}

caf::result<void> BeeActor::restart(const RestartBee& message) {
  if (life_ == Life::created || life_ == Life::stopped || life_ == Life::ceased) {
    return to_caf_error({errc::invalid_argument, "a bee that has not started, or has stopped, cannot be restarted"});
  }
  run_.life = message.life;
  reported_ = false;
  if (life_ == Life::halted) life_ = Life::started;
  end_object();
  const auto started = runner_.start();
  reported_ = !started.ok();  // the answer says it
  if (!started) return to_caf_error(started.error());
  proceed();
  return caf::unit;
}

/// The clients of what it held are told.
void BeeActor::end_object() {
  if (!runner_.running()) return;
  runner_.halt();
  take_output();
  egress_.spent(Stamp::unknown);
  egress_.flush(clock().now());
}

void BeeActor::halt(const HaltBee& message) {
  if (life_ == Life::stopped || life_ == Life::ceased) return;
  end_object();
  reported_ = true;  // it was told to
  if (message.queue == HaltBee::Queue::refuse) {
    life_ = Life::halted;
    refuse_all("the bee was stopped by its supervisor");
  }
  proceed();
}

void BeeActor::report_failure() {
  if (reported_) return;
  reported_ = true;
  surroundings_.log(LogLevel::error, runner_.failure());
  if (supervisor_) send(supervisor_, BeeFailed{run_, runner_.failure()});
}

void BeeActor::wake_up(const WakeUp& message) {
  if (armed_ == message.at) armed_.reset();  // else: a later wake-up was replaced by an earlier one
  proceed();
}

BeeActor::Drained BeeActor::drain() {
  auto promise = make_response_promise<BeeCounters>();
  drains_.push_back(promise);
  if (life_ == Life::started) life_ = Life::draining;
  proceed();
  return promise;
}

void BeeActor::cease() {
  life_ = Life::ceased;
  egress_.cease();
  publish();
}

BeeCounters BeeActor::counters() const {
  auto counters = counters_;
  counters.failed = runner_.counts().failed;
  counters.bad = runner_.counts().bad;
  counters.rebuilds = runner_.counts().rebuilds;
  counters.held_lost = runner_.counts().held_lost;
  counters.held_at_end = runner_.counts().held_at_end;
  counters.lost = egress_.lost();
  return counters;
}

void BeeActor::count_foreign() {
  ++counters_.unhandled;
  proceed();
}

caf::actor spawn_bee(caf::actor_system& system, BeeSettings settings) {
  const bool dedicated = settings.execution == Execution::dedicated;
  if (dedicated) return system.spawn<BeeActor, caf::detached>(std::move(settings));
  return system.spawn<BeeActor>(std::move(settings));
}

}  // namespace skep
