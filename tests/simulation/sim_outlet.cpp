#include "sim_outlet.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep::simulation {

void SimOutlet::open(ActorId receiver, const Placement& placement) {
  const auto& scenario = world_.scenario;
  const bool answers = scenario.is_gateway(receiver);
  const EdgeSender::Settings settings{
      .delivery = scenario.delivery,
      .window = scenario.window,
      .credit = !answers,
      .prompt = !answers && scenario.stage[scenario.stage_of(receiver)].route == Route::any,
      .faults = scenario.faults};
  lanes_.push_back({receiver, placement.node, answers, EdgeSender(settings, self_.epoch, placement.epoch),
                    &world_.invariants.log(self_.actor, self_.epoch, receiver)});
}

SimOutlet::Lane& SimOutlet::lane(ActorId receiver) {
  const auto found = std::ranges::find(lanes_, receiver, &Lane::receiver);
  assert(found != lanes_.end());
  return *found;
}

void SimOutlet::push(ActorId receiver, Record record, Cause cause) {
  auto& to = lane(receiver);
  to.log->given.push_back(number_of(record));
  to.sender.push(std::move(record), cause);
}

void SimOutlet::flush() {
  for (auto& lane : lanes_) {
    while (auto packet = lane.sender.take(world_.now())) {
      lane.sent = std::max(lane.sent, packet->first.records + packet->records.size());
      lane.sent_ever = std::max(lane.sent_ever, lane.sent);
      if (keeps()) {
        world_.invariants.expect(lane.sent - lane.done <= world_.scenario.window,
                                 "budgets: more is sent and not done than the window", index(self_.actor),
                                 lane.sent - lane.done);
      }
      world_.network.send(self_.node, lane.node, EdgeForth{self_.actor, lane.receiver, self_.node, std::move(*packet)});
    }
  }
  arm();
}

void SimOutlet::on_ack(const EdgeBack& back, Causes& done) {
  const auto found = std::ranges::find(lanes_, back.from, &Lane::receiver);
  if (found == lanes_.end()) return;  // given up
  const auto before = done.size();
  found->sender.on_ack(back.ack, world_.now(), done);
  found->done += done.size() - before;
}

void SimOutlet::apply(const Table& table, Causes& done) {
  for (auto& lane : lanes_) {
    const auto& placement = table.of(lane.receiver);
    if (placement.gone) {
      lane.sender.abandon(done);
    } else if (placement.epoch > lane.sender.receiver()) {
      reopen(lane, placement);
    }
  }
  std::erase_if(lanes_, [&](const Lane& lane) { return table.of(lane.receiver).gone; });
}

void SimOutlet::reopen(Lane& lane, const Placement& placement) {
  world_.note(Trace::Mark::reopened, index(self_.actor), index(lane.receiver), placement.epoch.counter, lane.done);
  const auto unreleased = lane.sender.unreleased(), lost = lane.sender.lost();
  lane.sender.reopen(placement.epoch);
  lane.node = placement.node;
  if (keeps()) {
    for (auto i = lane.done; i < lane.sent; ++i) world_.invariants.replayed(lane.log->given[i]);
    lane.sent = lane.done;
  } else {
    const auto counted = lane.sender.lost() - lost;
    world_.invariants.expect(counted == unreleased && lose(lane, lane.sent) <= counted,
                             "no loss: what was on its way is counted", index(self_.actor), counted, unreleased);
    lane.base = lane.sent;
  }
}

/// Under at_most_once: what was given to the session up to `end` and not accepted. Returns how many.
std::uint64_t SimOutlet::lose(const Lane& lane, std::uint64_t end) {
  std::uint64_t count = 0;
  for (auto i = lane.base; i < end; ++i) {
    if (lane.log->is_released(i)) continue;
    ++count;
    // An answer that is lost is its client's deadline, not a lost record.
    if (!lane.answers) world_.invariants.lost(lane.log->given[i]);
  }
  return count;
}

void SimOutlet::give_up() {
  if (keeps()) return;
  for (const auto& lane : lanes_) static_cast<void>(lose(lane, lane.log->given.size()));
}

void SimOutlet::on_timer() {
  armed_.reset();
  for (auto& lane : lanes_) {
    if (lane.sender.due() && *lane.sender.due() <= world_.now()) lane.sender.tick(world_.now());
  }
}

void SimOutlet::arm() {
  std::optional<Time> first;
  for (const auto& lane : lanes_) {
    const auto due = lane.sender.due();
    if (due && (!first || *due < *first)) first = due;
  }
  if (!first || (armed_ && *armed_ <= *first)) return;
  armed_ = first;
  world_.timer(*first, self_, Timer::Kind::resend);
}

std::size_t SimOutlet::waiting() const noexcept {
  std::size_t sum = 0;
  for (const auto& lane : lanes_) sum += lane.answers ? 0 : lane.sender.waiting();
  return sum;
}

std::size_t SimOutlet::never_sent() const noexcept {
  std::size_t sum = 0;
  for (const auto& lane : lanes_) sum += lane.answers ? 0 : lane.log->given.size() - lane.sent_ever;
  return sum;
}

std::size_t SimOutlet::waiting(ActorId receiver) {
  return lane(receiver).sender.waiting();
}

std::uint64_t SimOutlet::load(ActorId receiver) {
  const auto& sender = lane(receiver).sender;
  return sender.waiting() + sender.unreleased();
}

void SimOutlet::expect_rest() {
  for (const auto& lane : lanes_) {
    world_.invariants.expect(lane.sender.idle(), "progress: a sender is not at rest", index(self_.actor),
                             index(lane.receiver), lane.sender.waiting());
    world_.invariants.expect(lane.sent == lane.log->given.size(), "progress: not all was sent", index(self_.actor),
                             index(lane.receiver), lane.log->given.size() - lane.sent);
  }
}

}  // namespace skep::simulation
