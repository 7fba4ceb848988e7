#include "sim_bee.hpp"

#include <algorithm>
#include <utility>

#include "skep/serialization/failure.hpp"

namespace skep::simulation {

SimBee::SimBee(World& world, Place self, const Table& table)
    : SimActor(world, self),
      stage_(world.scenario.stage_of(self.actor)),
      out_(world.scenario.is_pinned(self.actor)),
      holds_(world.scenario.holder == stage_),
      inlet_(world, self),
      outlet_(world, self, table),
      ledger_(world.scenario.faults),
      held_(world, self),
      batcher_({world.scenario.batch_max, world.scenario.batch_delay}) {
  apply(table);
}

void SimBee::receive(const EdgeForth& forth) {
  inlet_.receive(forth);
  go_on();
}

void SimBee::on_ack(const EdgeBack& back) {
  SimOutlet::Causes done;
  outlet_.on_ack(back, done);
  settle(done);
  go_on();
}

void SimBee::apply(const Table& table) {
  SimOutlet::Causes done;
  outlet_.apply(table, done);
  static_cast<void>(outlet_.take_returned());  // their clients hear of their deadline
  inlet_.apply(table);
  settle(done);
  go_on();
}

void SimBee::on_timer(Timer::Kind kind) {
  if (kind == Timer::Kind::work) {
    end_work();
  } else if (kind == Timer::Kind::hold) {
    if (armed_ && *armed_ <= world_.now()) armed_.reset();
  } else {
    outlet_.on_timer();
  }
  go_on();
}

void SimBee::go_on() {
  outlet_.flush();  // there may be credit for what fills a window
  if (!working_) let_go();
  gather();
  if (!working_) begin_work();
  outlet_.flush();
  inlet_.send_acks();
  arm();
}

void SimBee::settle(const SimOutlet::Causes& causes) {
  for (const auto cause : causes) ledger_.settle(cause);
  for (const auto& done : ledger_.take_done()) {
    held_.expect_not_held(done);
    inlet_.done(done.session, done.first, done.count);
  }
}

void SimBee::begin_work() {
  if (outlet_.blocked()) return;
  if (!out_) take_batch();
  if (out_ ? inlet_.empty() : work_.empty()) return;
  working_ = true;
  const auto& first = out_ ? inlet_.front() : work_.front();
  world_.note(Trace::Mark::work, index(self_.actor), work_.size(), number_of(first.record), inlet_.size());
  const auto service = world_.random.between(Duration(1000), world_.scenario.service_max);
  service_ = service * slowness_ * std::max<std::size_t>(work_.size(), 1);
  world_.timer(world_.now() + service_, self_, Timer::Kind::work);
}

/// The next batch gathers while one is worked on.
void SimBee::gather() {
  while (!out_ && !outlet_.blocked() && batcher_.size() < batcher_.size_max() && may_take_up()) {
    auto input = inlet_.accept();
    alone_ = input.alone;
    world_.invariants.taken_up(self_.actor, number_of(input.record));
    batcher_.add(input.record, world_.now());
    gathered_.push_back(std::move(input));
  }
}

void SimBee::take_batch() {
  while (work_.empty()) {
    const auto due = batcher_.due();
    if (!due || (*due > world_.now() && !alone_)) return;
    const auto taken = batcher_.take(world_.now());
    std::size_t wanted = 0, unwanted = 0;
    while (wanted + unwanted < taken.batch.size() + taken.unwanted.size()) {
      const auto& places = taken.unwanted_at;
      const bool is_wanted = unwanted == places.size() || places[unwanted] != wanted + unwanted;
      const auto& record = is_wanted ? taken.batch.at(wanted++) : taken.unwanted.at(unwanted++);
      expect_gathered(record);
      is_wanted ? take_in(std::move(gathered_.front())) : drop(gathered_.front());
      gathered_.pop_front();
    }
    gather();
  }
}

void SimBee::expect_gathered(const Record& record) {
  world_.invariants.expect(!gathered_.empty() && number_of(gathered_.front().record) == number_of(record),
                           "batches: taken in another order than gathered", index(self_.actor), number_of(record));
  world_.invariants.expect(work_.size() < world_.scenario.batch_max, "batches: more records than size_max",
                           index(self_.actor), work_.size(), world_.scenario.batch_max);
}

/// While a record is to be alone in its hands, nothing else is.
bool SimBee::may_take_up() const {
  if (inlet_.empty()) return false;
  if (!alone_ && !inlet_.front().alone) return true;
  return work_.empty() && gathered_.empty() && ledger_.size() == 0;
}

/// What is past its deadline is not worked on, and is done.
void SimBee::drop(const SimInlet::Input& input) {
  world_.invariants.excused(self_.actor, number_of(input.record));
  if (keeps()) inlet_.done(input.session, input.sequence, 1);
}

void SimBee::take_in(SimInlet::Input input) {
  if (keeps()) {
    const Ledger::Inputs inputs{input.session, input.sequence, 1};
    if (work_.empty()) {
      cause_ = ledger_.open(inputs);
    } else {
      ledger_.add(cause_, inputs);
    }
  }
  work_.push_back(std::move(input));
}

bool SimBee::poisoned() const {
  return std::ranges::any_of(work_, [&](const SimInlet::Input& input) {
    return world_.invariants.fate(number_of(input.record)).poisons == stage_;
  });
}

void SimBee::end_work() {
  if (poisoned()) return world_.timer(world_.now(), self_, Timer::Kind::end);  // it does not return from this call
  working_ = false;
  if (out_) return write_out();
  batcher_.worked(service_);
  for (const auto& input : std::exchange(work_, {})) call(input);
  if (keeps()) settle({std::exchange(cause_, Cause{})});
  const auto most = world_.scenario.window + world_.scenario.batch_max;
  world_.invariants.expect(outlet_.never_sent() < most,
                           "budgets: more waits for a replica than the window and one call", index(self_.actor),
                           outlet_.never_sent(), most);
}

void SimBee::write_out() {
  const auto input = inlet_.accept();
  inlet_.done(input.session, input.sequence, 1);
  world_.invariants.worked(self_.actor, input.record);
  emit(input.record);
}

void SimBee::call(const SimInlet::Input& input) {
  world_.invariants.worked(self_.actor, input.record);
  if (std::exchange(fails_, false)) return throw_on(input.record);
  if (holds_ && world_.random.chance(world_.scenario.holds)) {
    if (!hold(input)) bury(input.record, "no room");
    return;
  }
  emit(input.record);
}

bool SimBee::hold(const SimInlet::Input& input) {
  const auto until = world_.now() + world_.random.between(Duration(0), world_.scenario.hold_max);
  SimHolds::Hold hold{.handle = {}, .session = input.session, .sequence = input.sequence, .until = until};
  if (held_.all().size() < world_.scenario.held_max && keeps()) hold.cause = ledger_.hold(cause_);
  return held_.add(input.record, std::move(hold));
}

/// The object is rebuilt: what it holds is lost, or goes to its successor.
void SimBee::throw_on(const Record& record) {
  if (holds_) held_.expect_undone(record);
  bury(record, "thrown");
  for (const auto& [lost, cause] : held_.take_over()) {
    world_.invariants.lost(self_.actor, number_of(lost));
    answer(lost, lost.failure(errc::bee_failed, "its holder has ended"));
  }
}

void SimBee::let_go() {
  while (!outlet_.blocked()) {
    const auto free = held_.take_due();
    if (!free) return;
    cause_ = free->cause;
    if (free->record.deadline() <= world_.now()) {
      world_.invariants.excused(self_.actor, number_of(free->record));
    } else {
      emit(free->record);
    }
    settle({std::exchange(cause_, Cause{})});
    if (outlet_.blocked()) outlet_.flush();
  }
}

void SimBee::bury(const Record& record, std::string_view why) {
  world_.invariants.excused(self_.actor, number_of(record));
  answer(record, record.failure(errc::bee_failed, why));
}

void SimBee::emit(const Record& record) {
  if (stage_ >= stage_sink) {
    world_.invariants.reached_end(self_.actor, record);
    return world_.note(Trace::Mark::sink, index(self_.actor), number_of(record),
                       world_.invariants.fate(number_of(record)).ends[stage_]);
  }
  for (auto next = stage_ + 1; next < stages; ++next) {
    if (stage_before[next] == stage_) push(next, record);
  }
  answer(record, record);
}

/// Only B can: elsewhere the client hears of its deadline.
void SimBee::answer(const Record& record, Record answer) {
  const auto gateway = static_cast<ActorId>(record.origin().gateway);
  if (world_.scenario.one_way || !outlet_.answers(gateway)) return;
  if (cause_ != Cause{}) ledger_.depend(cause_);
  outlet_.answer(gateway, std::move(answer), cause_);
}

void SimBee::push(std::size_t stage, const Record& record) {
  const auto copies = outlet_.copies(stage);
  if (copies == 0) return;
  if (cause_ != Cause{}) ledger_.depend(cause_, copies);
  SimOutlet::Causes told;
  outlet_.push(stage, record, cause_, told);
  for (const auto cause : told) ledger_.settle(cause);
}

void SimBee::arm() {
  auto next = held_.next();
  if (!working_ && !outlet_.blocked() && batcher_.due())
    next = std::min(next.value_or(*batcher_.due()), *batcher_.due());
  if (!next || *next <= world_.now() || (armed_ && *armed_ <= *next)) return;
  armed_ = next;
  world_.timer(*next, self_, Timer::Kind::hold);
}

void SimBee::give_up() {
  outlet_.give_up();
  if (keeps()) return;
  for (const auto& input : work_) world_.invariants.lost(self_.actor, number_of(input.record));
  for (const auto& input : gathered_) world_.invariants.lost(self_.actor, number_of(input.record));
  for (const auto& hold : held_.all()) world_.invariants.lost(self_.actor, hold.number);
}

void SimBee::expect_rest() {
  inlet_.expect_rest();
  outlet_.expect_rest();
  world_.invariants.expect(!working_ && gathered_.empty() && ledger_.size() == 0 && held_.all().empty(),
                           "progress: a bee still gathers, works, holds, or waits for its outputs", index(self_.actor),
                           gathered_.size() + held_.all().size(), ledger_.size());
}

}  // namespace skep::simulation
