#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "bee_actor_class.hpp"
#include "skep/actors/limits.hpp"

namespace skep {

bool BeeActor::may_work() const noexcept {
  return (life_ == Life::started || life_ == Life::draining) && runner_.running() && !egress_.blocked();
}

void BeeActor::proceed() {
  const bool something_to_do = queued() != 0 || egress_.sendable();
  if (life_ != Life::ceased && something_to_do && !mailbox().empty()) return go_on_later();
  act();
}

void BeeActor::act() {
  const auto now = clock().now();
  egress_.flush(now);
  if (may_work()) work(now);
  acknowledge();
  if (const auto due = surroundings_.losses_due(); due && *due <= now) surroundings_.say_losses(now);
  arm_wake_up();
  if (!drains_.empty()) finish_drain();
  publish();
}

/// Once per slice at most, so that a bee which does not return is seen as it was before.
void BeeActor::publish() {
  if (!meter_) return;
  meter_->counters.set(counters());
  meter_->queued.set(queued());
  meter_->held.set(runner_.held());
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
  const auto due = work_due();
  if (may_work() && due && *due <= now) go_on_later();
}

void BeeActor::worked(std::size_t records, std::chrono::nanoseconds duration) {
  pacer_.measured(records, duration);
  intake_->worked(duration);
  const auto before = slice_spent_.mean();
  egress_.spent(before == Stamp::unknown ? before : before + duration);
  if (!meter_) return;
  meter_->processing.observe(duration);
  meter_->batch_size.observe(records);
}

/// One slice: at most one batch, or as many messages as the pace allows.
std::size_t BeeActor::work_on_records(Time now) {
  if (!intake_) return 0;
  const auto flush = life_ == Life::draining ? Intake::Flush::yes : Intake::Flush::no;
  const auto records_max = intake_->batches() ? intake_->size() : pacer_.records();
  std::size_t handled = 0;
  std::size_t look_at =
      intake_->batches() ? records_max : 1;  // when the clock is read: a bee may turn slow at any record
  slice_spent_ = {};
  while (handled < records_max && may_work() && intake_->next(now, flush, egress_.settled())) {
    // The next batch may gather while this one is worked on; and who is to blame if this is the end must be known.
    if (intake_->batches() || keeps()) acknowledge();
    if (keeps()) egress_.begin();
    for (const auto& record : intake_->unwanted()) end_unwanted(record, now);
    intake_->unwanted().clear();
    const auto count = work_on(intake_->work().first(std::min(intake_->work().size(), look_at - handled)), now);
    slice_spent_.add(intake_->spent(), count);
    take_output();
    if (keeps()) egress_.end(intake_->take_inputs(count));
    intake_->done(count);
    handled += count;
    if (intake_->empty() || (intake_->batches() && intake_->work().empty())) break;
    if (handled < look_at) continue;
    if (clock().now() - now >= limits::slice_time) break;
    look_at = std::min(2 * look_at, records_max);
  }
  return handled;
}

/// The first look at each: fetched some records ahead, to be written, since counting its handles comes next.
std::span<Record>::iterator BeeActor::first_unwanted(std::span<Record> records, const Unwanted& unwanted) {
  constexpr std::ptrdiff_t fetched_ahead = 8;
  auto record = records.begin();
  for (const auto last = records.end() - std::min(std::ssize(records), fetched_ahead); record != last; ++record) {
    record[fetched_ahead].prefetch();
    if (unwanted(*record)) [[unlikely]]
      return record;
  }
  return std::find_if(record, records.end(), std::cref(unwanted));
}

/// Runs those before the first that nobody waits for, or ends that one.
std::size_t BeeActor::work_on(std::span<Record> records, Time now) {
  const auto unwanted = first_unwanted(records, Unwanted(departed_, now));
  if (unwanted != records.begin()) return runner_.run({records.begin(), unwanted});
  if (records.empty()) return 0;
  end_unwanted(records.front(), now);
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
  if (!intake_) return;
  if (keeps()) {
    for (const auto& inputs : egress_.take_done()) intake_->settle(inputs);
  }
  for (const auto& [to, message] : intake_->take_acks(pacer_.pace())) send(caf::actor_cast<caf::actor>(to), message);
}

void BeeActor::end_unwanted(const Record& record, Time now) {
  if (record.deadline() >= now) {
    ++counters_.cancelled;
    return;
  }
  ++counters_.expired;
  egress_.answer_error(record, errc::deadline_exceeded,
                       "the deadline passed before bee '" + std::string(surroundings_.name()) + "' came to it");
}

void BeeActor::take_output() {
  egress_.take(runner_.outbox());
  if (egress_.blocked()) egress_.flush();  // there may be credit for what fills its window
}

std::optional<BeeActor::Time> BeeActor::work_due() const {
  return intake_ ? intake_->due(egress_.settled()) : std::nullopt;
}

/// Asks receivers for acknowledgements that they would put off.
void BeeActor::hurry() {
  egress_.hurry();
  egress_.flush();
}

std::optional<BeeActor::Time> BeeActor::next_due() const {
  auto due = surroundings_.losses_due();
  if (!may_work()) return due;
  for (const auto& other : {surroundings_.timers().next(), work_due()}) {
    if (other) due = std::min(due.value_or(*other), *other);
  }
  return due;
}

void BeeActor::arm_wake_up() {
  const auto due = next_due();
  if (!due || will_go_on_ || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  delayed_send(this, std::max(*due - clock().now(), Time::duration::zero()), WakeUp{*due});
}

void BeeActor::finish_drain() {
  if (queued() != 0 || !egress_.idle()) return hurry();
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

}  // namespace skep
