#include "skep/actors/bee_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cassert>
#include <typeinfo>
#include <utility>

#include "bee_actor_class.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/inline_runs.hpp"
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
      swarm_(settings.swarm),
      epoch_(settings.epoch),
      delivery_(settings.delivery),
      batches_(batches_of(settings)),
      meter_(std::move(settings.meter)),
      surroundings_(settings, home_system().clock()),
      runner_(std::move(settings.factory),
              {settings.takes_batches, settings.holds_records, settings.held, std::move(settings.output_types)},
              surroundings_),
      departed_(settings.departed),
      egress_(*this, counters_, surroundings_.owner(), settings, meter_.get()),
      inline_time_max_(settings.inline_time_max),
      slice_mean_(2 * settings.inline_time_max),
      supervisor_(std::move(settings.supervisor)),
      run_(settings.run) {
  set_handlers();
  if (settings.calls == nullptr) return;
  watched_.emplace(*settings.calls,
                   settings.calls->add(*this, runner_.calls(), {settings.execution, settings.callback_time_max}));
}

std::string BeeActor::watched_name() const {
  return "bee '" + std::string(surroundings_.name()) + "' replica " + std::to_string(surroundings_.replica()) +
         " of swarm '" + swarm_ + "'";
}

/// A call that does not return cannot be ended from here: the supervisor is told to do without this actor.
void BeeActor::on_abandoned(const std::string& why) {
  if (supervisor_) caf::anon_send(supervisor_, BeeStuck{address(), why});
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

/// Whose messages this thread handles.
class BeeActor::Handling {
 public:
  explicit Handling(BeeActor& bee) noexcept : before_(std::exchange(bee_, &bee)) {}
  ~Handling() { bee_ = before_; }
  Handling(const Handling&) = delete;
  Handling& operator=(const Handling&) = delete;

  [[nodiscard]] static BeeActor& bee() noexcept {
    assert(bee_ != nullptr);
    return *bee_;
  }

 private:
  static inline constinit thread_local BeeActor* bee_ = nullptr;
  BeeActor* before_;
};

caf::behavior BeeActor::make_behavior() {
  static const auto shared_by_all = handlers();
  return shared_by_all;
}

/// One table, without a bee in it, for all bees: one of its own would weigh half a KiB (decision 0015).
/// The more often a message comes, the earlier: CAF tries them in this order.
caf::behavior BeeActor::handlers() {
  return {
      [](RecordBatch& batch) { Handling::bee().receive(batch); },
      [](const BatchAck& message) {
        Handling::bee().egress_.on_ack(message);
        Handling::bee().proceed();
      },
      [](GoOn) {
        Handling::bee().will_go_on_ = false;
        Handling::bee().act();
      },
      [](const WakeUp& message) { Handling::bee().wake_up(message); },
      [](RoutingTable& table) { return Handling::bee().adopt(table); },
      [](Replay& message) { return Handling::bee().replay(message); },
      [](const RestartBee& message) { return Handling::bee().restart(message); },
      [](const HaltBee& message) { Handling::bee().halt(message); },
      [](Drain) { return Handling::bee().drain(); },
      [](Cease) { return Handling::bee().cease(); },
      [](ReadCounters) {
        Handling::bee().proceed();
        return Handling::bee().counters();
      },
  };
}

/// CAF lets an actor handle `messages_max` messages in one go, however long they take; others wait meanwhile.
caf::resumable::resume_result BeeActor::resume(caf::execution_unit* unit, std::size_t messages_max) {
  constexpr std::size_t messages_between_looks = 16;
  const Handling handling(*this);
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const auto round = std::min(messages_max, messages_between_looks);
    const auto result = caf::event_based_actor::resume(unit, round);
    messages_max -= round;
    const auto spent = std::chrono::steady_clock::now() - begin;
    if (result == resume_later && messages_max != 0 && spent < limits::slice_time) continue;
    slice_mean_.add(spent);
    return result;
  }
}

/// Neighbours know each other: without this they would keep each other for ever.
void BeeActor::on_exit() {
  egress_.close();
  if (intake_) intake_->close();
  surroundings_.say_losses(clock().now());
  watched_.reset();  // first: `on_abandoned` reads supervisor_
  supervisor_ = nullptr;
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

Intake& BeeActor::intake() {
  if (!intake_) {
    intake_ = std::make_unique<Intake>(batches_, InEdges::Settings{.self = epoch_, .delivery = delivery_}, meter_.get(),
                                       departed_);
  }
  return *intake_;
}

void BeeActor::receive(RecordBatch& batch) {
  const bool asks = batch.packet.records.empty();
  const auto came = intake().add(std::move(batch), current_sender());
  counters_.received += came.records;
  counters_.bytes += came.bytes;
  if (asks) acknowledge();  // its sender may be waiting for nothing else
  if (life_ == Life::stopped || life_ == Life::halted) refuse_all("the bee has stopped");
  proceed();
}

caf::result<void> BeeActor::replay(Replay& message) {
  if (life_ != Life::started) return to_caf_error({errc::unavailable, "the bee does not run"});
  ++counters_.received;
  intake().add({.packet = {.records = {std::move(message.record)}}}, nullptr);
  proceed();
  return caf::unit;
}

void BeeActor::refuse_all(std::string_view why) {
  const auto all = intake_ ? intake_->take_all() : Intake::All{};
  if (keeps()) egress_.begin();
  for (const auto& record : all.records) {
    ++counters_.dropped;
    if (life_ == Life::stopped && !egress_.reaches_client(record)) ++counters_.late;
    egress_.answer_error(record, errc::unavailable, why);
  }
  if (keeps()) egress_.end(all.inputs);
  egress_.spent(Stamp::unknown);
  egress_.flush(clock().now());
}

caf::result<void> BeeActor::restart(const RestartBee& message) {
  if (life_ == Life::created) return to_caf_error({errc::invalid_argument, "a bee that has not started"});
  run_.life = message.life;
  // It was down with nothing to do when the drain came: that no other life follows is no failure.
  if (life_ == Life::stopped || life_ == Life::ceased) return caf::unit;
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

bool may_run_inline(const caf::resumable& actor) noexcept {
  return typeid(actor) == typeid(BeeActor) && static_cast<const BeeActor&>(actor).is_brief();
}

caf::actor spawn_bee(caf::actor_system& system, BeeSettings settings) {
  const bool dedicated = settings.execution == Execution::dedicated;
  if (dedicated) return system.spawn<BeeActor, caf::detached>(std::move(settings));
  return system.spawn<BeeActor>(std::move(settings));
}

}  // namespace skep
