#include "sim_bee.hpp"

#include <algorithm>
#include <utility>

#include "skep/serialization/failure.hpp"

namespace skep::simulation {

SimBee::SimBee(World& world, Place self, const Table& table)
    : SimActor(world, self),
      stage_(world.scenario.stage_of(self.actor)),
      inlet_(world, self),
      outlet_(world, self),
      gateways_gone_(world.scenario.stage[0].replicas) {
  for (std::uint32_t i = 0; i < world.scenario.actors(); ++i) {
    const auto receiver = static_cast<ActorId>(i);
    if (world.scenario.sends(self.actor, receiver)) outlet_.open(receiver, table.of(receiver));
  }
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
  inlet_.apply(table);
  for (std::size_t i = 0; i < gateways_gone_.size(); ++i) gateways_gone_[i] = table.places[i].gone;
  settle(done);
  go_on();
}

void SimBee::on_timer(Timer::Kind kind) {
  if (kind == Timer::Kind::work) {
    end_work();
  } else {
    outlet_.on_timer();
  }
  go_on();
}

void SimBee::go_on() {
  if (!working_) begin_work();
  outlet_.flush();
  inlet_.send_acks();
}

void SimBee::settle(const SimOutlet::Causes& causes) {
  for (const auto cause : causes) ledger_.settle(cause);
  for (const auto& [session, first, count] : ledger_.take_done()) inlet_.done(session, first, count);
}

void SimBee::begin_work() {
  if (outlet_.waiting() >= world_.scenario.outbox_mark) return;
  while (!inlet_.empty() && work_.size() < world_.scenario.batch_max) take_in(inlet_.accept());
  if (work_.empty()) return;
  working_ = true;
  world_.note(Trace::Mark::work, index(self_.actor), work_.size(), number_of(work_.front()), inlet_.size());
  const auto service = world_.random.between(Duration(1000), world_.scenario.service_max);
  world_.timer(world_.now() + service * slowness_ * work_.size(), self_, Timer::Kind::work);
}

/// What is past its deadline is not worked on, and is done.
void SimBee::take_in(SimInlet::Input input) {
  if (input.record.deadline() <= world_.now()) {
    world_.invariants.excused(input.record);
    if (keeps()) inlet_.done(input.session, input.sequence, 1);
    return;
  }
  if (keeps()) {
    const Ledger::Inputs inputs{input.session, input.sequence, 1};
    if (work_.empty()) {
      cause_ = ledger_.open(inputs);
    } else {
      ledger_.add(cause_, inputs);
    }
  }
  work_.push_back(std::move(input.record));
}

void SimBee::end_work() {
  for (const auto& record : std::exchange(work_, {})) {
    world_.invariants.worked(self_.actor, record);
    if (std::exchange(fails_, false)) {
      world_.invariants.excused(record);
      answer(record, record.failure(errc::bee_failed, "thrown"));
    } else {
      emit(record);
    }
  }
  working_ = false;
  if (keeps()) settle({cause_});
  world_.invariants.expect(outlet_.never_sent() < world_.scenario.outbox_mark + world_.scenario.batch_max,
                           "budgets: more waits in an outbox than its mark and one call", index(self_.actor),
                           outlet_.never_sent());
}

void SimBee::emit(const Record& record) {
  if (stage_ == stage_sink) {
    world_.invariants.reached_sink(record);
    return world_.note(Trace::Mark::sink, index(self_.actor), number_of(record),
                       world_.invariants.fate(number_of(record)).sinks);
  }
  push(route(record), record);
  if (stage_ == stage_b) answer(record, record);
}

/// Only B can: elsewhere the client hears of its deadline.
void SimBee::answer(const Record& record, Record answer) {
  const auto gateway = record.origin().gateway;
  if (stage_ != stage_b || gateways_gone_[gateway]) return;
  push(static_cast<ActorId>(gateway), std::move(answer));
}

void SimBee::push(ActorId receiver, Record record) {
  if (keeps()) ledger_.depend(cause_);
  outlet_.push(receiver, std::move(record), cause_);
}

ActorId SimBee::route(const Record& record) {
  const auto& next = world_.scenario.stage[stage_ + 1];
  if (next.route == Route::key) {
    const auto replica = receiver_of_slot(key_slot(record.key()), next.replicas);
    return static_cast<ActorId>(next.first + replica);
  }
  std::vector<std::uint64_t> loads;
  for (std::uint32_t i = 0; i < next.replicas; ++i) loads.push_back(outlet_.load(static_cast<ActorId>(next.first + i)));
  return static_cast<ActorId>(next.first + choose_any(loads, world_.random.next()));
}

void SimBee::give_up() {
  outlet_.give_up();
  if (keeps()) return;
  for (const auto& record : work_) world_.invariants.lost(number_of(record));
}

void SimBee::expect_rest() {
  inlet_.expect_rest();
  outlet_.expect_rest();
  world_.invariants.expect(!working_ && ledger_.size() == 0, "progress: a bee still works, or waits for its outputs",
                           index(self_.actor), ledger_.size());
}

}  // namespace skep::simulation
