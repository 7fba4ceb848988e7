#include "skep/actors/bee_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <cassert>

#include "bee_surroundings.hpp"
#include "egress.hpp"
#include "intake.hpp"
#include "pacer.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/supervision_messages.hpp"
#include "spent_mean.hpp"

namespace skep {
namespace {

/// To oneself: work was put off until here.
struct GoOn {};

/// To oneself, delayed: something was due at `at`.
struct WakeUp {
  std::chrono::steady_clock::time_point at;
};

}  // namespace
}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::GoOn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::WakeUp)

namespace skep {
namespace {

/// Every handler ends in `proceed`, which works on what has come unless more messages wait: what lies in the mailbox
/// together, credit too, is worked on together. Work that is put off has a GoOn at the end of the mailbox, so that no
/// wake-up is lost and nothing is put off twice.
class BeeActor final : public caf::event_based_actor {
 public:
  using Time = std::chrono::steady_clock::time_point;

  BeeActor(caf::actor_config& config, BeeSettings settings);

  const char* name() const override { return "skep.bee"; }
  resume_result resume(caf::execution_unit* unit, std::size_t messages_max) override;
  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  using Drained = caf::typed_response_promise<BeeCounters>;
  enum class Life : std::uint8_t {
    created,   ///< waits for its first RoutingTable
    started,   ///< runs, or waits for its supervisor to restart it
    draining,  ///< finishes what it has
    halted,    ///< by its supervisor: refuses everything
    stopped,   ///< `on_stop` was called
  };

  void set_handlers();
  void be_watched(const BeeSettings& settings);
  caf::result<void> adopt(RoutingTable& table);
  void receive(RecordBatch& batch);
  caf::result<void> replay(Replay& message);
  void refuse_all(std::string_view why);
  caf::result<void> restart(const RestartBee& message);
  void halt(const HaltBee& message);
  void report_failure();
  void wake_up(const WakeUp& message);
  Drained drain();
  [[nodiscard]] BeeCounters counters() const;
  void count_foreign();

  [[nodiscard]] bool may_work() const noexcept;
  void proceed();
  void act();
  void go_on_later();
  void work(Time now);
  void worked(std::size_t records, std::chrono::nanoseconds duration);
  [[nodiscard]] std::size_t work_on_records(Time now);
  [[nodiscard]] std::size_t work_on(std::span<Record> records, Time now);
  [[nodiscard]] bool fire_timers(Time now);
  void acknowledge();
  void expire(const Record& record);
  void take_output();
  void arm_wake_up();
  [[nodiscard]] std::optional<Time> next_due() const;
  void hurry();
  void finish_drain();
  void publish();

  const bool keeps_;      // at_least_once
  BeeMeterPtr meter_;     // before those that write in it
  BeeCounters counters_;  // but for what the runner counts
  BeeSurroundings surroundings_;
  BeeRunner runner_;
  Intake intake_;
  Egress egress_;
  Pacer pacer_;
  Life life_ = Life::created;
  std::vector<Drained> drains_;
  SpentMean slice_spent_;    ///< until the slice began
  bool will_go_on_ = false;  ///< a GoOn is in the mailbox
  std::optional<Time> armed_;
  caf::actor supervisor_;
  ChildRun run_;
  bool reported_ = false;  ///< that this life has ended
  std::optional<BeeCalls::Entry> watched_;
};

std::optional<BatchSettings> batches_of(const BeeSettings& settings) {
  if (!settings.takes_batches && settings.batch == BatchSettings{}) return std::nullopt;
  return settings.batch;
}

BeeActor::BeeActor(caf::actor_config& config, BeeSettings settings)
    : caf::event_based_actor(config),
      keeps_(settings.delivery == Delivery::at_least_once),
      meter_(std::move(settings.meter)),
      surroundings_(settings, home_system().clock()),
      runner_(std::move(settings.factory), settings.takes_batches, surroundings_),
      intake_(batches_of(settings), {.self = settings.epoch, .delivery = settings.delivery}, meter_.get()),
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

caf::behavior BeeActor::make_behavior() {
  return {
      [this](RoutingTable& table) { return adopt(table); },
      [this](RecordBatch& batch) { receive(batch); },
      [this](const BatchAck& message) {
        egress_.on_ack(message);
        proceed();
      },
      [this](Replay& message) { return replay(message); },
      [this](GoOn) {
        will_go_on_ = false;
        act();
      },
      [this](const WakeUp& message) { wake_up(message); },
      [this](const RestartBee& message) { return restart(message); },
      [this](const HaltBee& message) { halt(message); },
      [this](Drain) { return drain(); },
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
    egress_.answer_error(record, errc::unavailable, why);
  }
  if (keeps_) egress_.end(all.inputs);
  egress_.spent(Stamp::unknown);
  egress_.flush(clock().now());
}

caf::result<void> BeeActor::restart(const RestartBee& message) {
  if (life_ == Life::created || life_ == Life::stopped) {
    return to_caf_error({errc::invalid_argument, "a bee that has not started, or has stopped, cannot be restarted"});
  }
  run_.life = message.life;
  reported_ = false;
  if (life_ == Life::halted) life_ = Life::started;
  if (runner_.running()) runner_.halt();
  const auto started = runner_.start();
  reported_ = !started.ok();  // the answer says it
  if (!started) return to_caf_error(started.error());
  proceed();
  return caf::unit;
}

void BeeActor::halt(const HaltBee& message) {
  if (life_ == Life::stopped) return;
  if (runner_.running()) runner_.halt();
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

BeeCounters BeeActor::counters() const {
  auto counters = counters_;
  counters.failed = runner_.counts().failed;
  counters.bad = runner_.counts().bad;
  counters.rebuilds = runner_.counts().rebuilds;
  counters.lost = egress_.lost();
  return counters;
}

void BeeActor::count_foreign() {
  ++counters_.unhandled;
  proceed();
}

bool BeeActor::may_work() const noexcept {
  return (life_ == Life::started || life_ == Life::draining) && runner_.running() && !egress_.blocked();
}

void BeeActor::proceed() {
  const bool something_to_do = !intake_.empty() || egress_.sendable();
  if (something_to_do && !mailbox().empty()) return go_on_later();
  act();
}

void BeeActor::act() {
  const auto now = clock().now();
  egress_.flush(now);
  if (may_work()) work(now);
  acknowledge();
  arm_wake_up();
  if (!drains_.empty()) finish_drain();
  publish();
}

/// Once per slice at most, so that a bee which does not return is seen as it was before.
void BeeActor::publish() {
  if (!meter_) return;
  meter_->counters.set(counters());
  meter_->queued.set(intake_.size());
  egress_.publish();
}

void BeeActor::go_on_later() {
  if (will_go_on_) return;
  will_go_on_ = true;
  send(this, GoOn{});
}

void BeeActor::work(Time now) {
  if (fire_timers(now)) {  // of what timers send nobody knows how long it was on its way
    egress_.spent(Stamp::unknown);
    egress_.flush(now);
  }
  const auto records = work_on_records(now);
  auto end = now;
  if (records != 0) {
    end = clock().now();
    worked(records, end - now);
  }
  egress_.flush(end);
  if (!runner_.running()) report_failure();
  const auto due = intake_.due(egress_.settled());
  if (may_work() && due && *due <= now) go_on_later();
}

void BeeActor::worked(std::size_t records, std::chrono::nanoseconds duration) {
  pacer_.measured(records, duration);
  intake_.worked(duration);
  const auto before = slice_spent_.mean();
  egress_.spent(before == Stamp::unknown ? before : before + duration);
  if (!meter_) return;
  meter_->processing.observe(duration);
  meter_->batch_size.observe(records);
}

/// One slice: at most one batch, or as many messages as the pace allows.
std::size_t BeeActor::work_on_records(Time now) {
  const auto flush = life_ == Life::draining ? Intake::Flush::yes : Intake::Flush::no;
  const auto records_max = intake_.batches() ? intake_.size() : pacer_.records();
  std::size_t handled = 0;
  slice_spent_ = {};
  while (handled < records_max && may_work() && intake_.next(now, flush, egress_.settled())) {
    // The next batch may gather while this one is worked on; and who is to blame if this is the end must be known.
    if (intake_.batches() || keeps_) acknowledge();
    if (keeps_) egress_.begin();
    for (const auto& record : intake_.expired()) expire(record);
    intake_.expired().clear();
    const auto count = work_on(intake_.work().first(std::min(intake_.work().size(), records_max - handled)), now);
    slice_spent_.add(intake_.spent(), count);
    take_output();
    if (keeps_) egress_.end(intake_.take_inputs(count));
    intake_.done(count);
    handled += count;
    if (intake_.batches() && intake_.work().empty()) break;
  }
  acknowledge();
  return handled;
}

/// Runs those before the first expired one, or expires that one.
std::size_t BeeActor::work_on(std::span<Record> records, Time now) {
  const auto expired =
      std::find_if(records.begin(), records.end(), [&](const Record& record) { return record.deadline() < now; });
  if (expired != records.begin()) return runner_.run({records.begin(), expired});
  if (records.empty()) return 0;
  expire(records.front());
  records.front() = Record{};
  return 1;
}

/// Not those that they start: a bee whose timers have no delay must not keep its thread, or a virtual clock, for ever.
/// Returns whether there were any.
bool BeeActor::fire_timers(Time now) {
  const auto last = surroundings_.timers().last();
  bool any = false;
  while (may_work()) {
    const auto timer = surroundings_.timers().take_due(now, last);
    if (!timer) break;
    runner_.fire(*timer);
    take_output();
    any = true;
  }
  return any;
}

void BeeActor::acknowledge() {
  if (keeps_) {
    for (const auto& inputs : egress_.take_done()) intake_.settle(inputs);
  }
  for (const auto& [to, message] : intake_.take_acks()) send(caf::actor_cast<caf::actor>(to), message);
}

void BeeActor::expire(const Record& record) {
  ++counters_.expired;
  egress_.answer_error(record, errc::deadline_exceeded,
                       "the deadline passed before bee '" + std::string(surroundings_.name()) + "' came to it");
}

void BeeActor::take_output() {
  egress_.take(runner_.outbox());
  if (egress_.blocked()) egress_.flush();  // there may be credit for what fills its window
}

/// Asks receivers for acknowledgements that they would put off.
void BeeActor::hurry() {
  egress_.hurry();
  egress_.flush();
}

std::optional<BeeActor::Time> BeeActor::next_due() const {
  if (!may_work()) return std::nullopt;
  const auto timer = surroundings_.timers().next();
  const auto batch = intake_.due(egress_.settled());
  if (timer && batch) return std::min(*timer, *batch);
  return timer ? timer : batch;
}

void BeeActor::arm_wake_up() {
  const auto due = next_due();
  if (!due || will_go_on_ || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  delayed_send(this, std::max(*due - clock().now(), Time::duration::zero()), WakeUp{*due});
}

void BeeActor::finish_drain() {
  if (!intake_.empty() || !egress_.idle()) return hurry();
  if (life_ == Life::draining) {
    life_ = Life::stopped;
    if (runner_.running()) runner_.stop();
    take_output();
    egress_.spent(Stamp::unknown);
    egress_.flush(clock().now());
    if (!egress_.idle()) return hurry();
  }
  for (auto& promise : drains_) promise.deliver(counters());
  drains_.clear();
}

}  // namespace

caf::actor spawn_bee(caf::actor_system& system, BeeSettings settings) {
  const bool dedicated = settings.execution == Execution::dedicated;
  if (dedicated) return system.spawn<BeeActor, caf::detached>(std::move(settings));
  return system.spawn<BeeActor>(std::move(settings));
}

}  // namespace skep
