#include "sim_inlet.hpp"

#include <algorithm>
#include <utility>

namespace skep::simulation {

SimInlet::SimInlet(World& world, Place self)
    : world_(world),
      self_(self),
      edges_({self.epoch, world.scenario.delivery, world.scenario.credit, world.scenario.faults}),
      bounded_(!world.scenario.is_gateway(self.actor)),
      key_order_(bounded_ && world.scenario.stage[world.scenario.stage_of(self.actor)].key_order),
      drops_(world.scenario.stage[world.scenario.stage_of(self.actor)].overflow == Overflow::drop_oldest),
      senders_(world.scenario.actors()) {}

void SimInlet::receive(const EdgeForth& forth) {
  auto& known = senders_[index(forth.from)];
  if (known.gone) return;
  const auto& packet = forth.packet;
  const auto received = edges_.receive(static_cast<SenderKey>(index(forth.from)), packet);
  if (received.verdict == InEdges::Verdict::stale) {
    return world_.note(Trace::Mark::packet_stale, index(forth.from), index(forth.to), packet.sender.counter,
                       packet.receiver.counter);
  }
  world_.note(Trace::Mark::packet, index(forth.from), index(forth.to), packet.first.records, packet.records.size());
  if (received.repeated < packet.records.size()) expect_fence(forth, known);
  known.node = forth.answer_to;
  known.epoch = std::max(known.epoch, packet.sender);
  auto& log = world_.invariants.log(forth.from, packet.sender, forth.to, packet.receiver);
  expect_session(forth, known, received, log);
  for (auto i = received.repeated; i < packet.records.size(); ++i) {
    queue_.push_back({packet.records[i], received.session, received.first + i - received.repeated, packet.alone, &log});
    if (key_order_) expect_key_order(packet.records[i]);
  }
  if (bounded_) expect_budget();
}

void SimInlet::expect_fence(const EdgeForth& forth, const Known& known) {
  world_.invariants.expect(forth.packet.receiver == self_.epoch, "fence: taken, and meant for another placement",
                           index(self_.actor), forth.packet.receiver.counter, self_.epoch.counter);
  world_.invariants.expect(forth.packet.sender >= known.epoch, "fence: taken from a placement that was replaced",
                           index(forth.from), forth.packet.sender.counter, known.epoch.counter);
}

void SimInlet::expect_session(const EdgeForth& forth, Known& known, const InEdges::Received& received,
                              Invariants::Log& log) {
  if (!(std::exchange(known.session, received.session) == received.session)) known.began = false;
  const auto& records = forth.packet.records;
  const auto taken = records.size() - received.repeated;
  if (received.lost != 0) {
    if (bounded_) world_.invariants.missed(received.lost);
    const auto end = taken != 0 ? received.first : forth.packet.first.records;
    for (auto i = end - received.lost; i < end; ++i) {
      log.release(i);
      if (bounded_) world_.invariants.lost(self_.actor, log.given[i]);
    }
  }
  if (bounded_) world_.invariants.taken(taken);
  if (taken == 0) return;
  const bool gap_allowed = world_.scenario.delivery == Delivery::at_most_once || !known.began;
  world_.invariants.expect(gap_allowed ? received.first >= known.next || !known.began : received.first == known.next,
                           "order: taken twice, or one is left out", index(self_.actor), received.first, known.next);
  for (std::size_t i = 0; i < taken; ++i) {
    const auto sequence = received.first + i;
    world_.invariants.expect(
        sequence < log.given.size() && log.given[sequence] == number_of(records[received.repeated + i]),
        "order: what was taken is not what was given to the sender", index(forth.from), index(self_.actor), sequence);
  }
  known.next = received.first + taken;
  known.began = true;
}

void SimInlet::expect_key_order(const Record& record) {
  const auto number = number_of(record);
  if (seen_.size() <= number) seen_.resize(std::max<std::size_t>(world_.invariants.records(), number + 1));
  if (seen_[number]) return;
  seen_[number] = true;
  const auto& fate = world_.invariants.fate(number);
  if (fate.excused != 0 || ((fate.worked >> index(self_.actor)) & 1) != 0) return;
  const auto [last, first_time] = last_.try_emplace((std::uint64_t{index(fate.gateway)} << 32) | fate.key, number);
  world_.invariants.expect(first_time || last->second < number, "order: of one key, a later record came first",
                           index(self_.actor), last->second, number);
  last->second = number;
}

void SimInlet::expect_budget() {
  const auto& budget = world_.scenario.credit.budget;
  const auto queued = edges_.queued();
  world_.invariants.expect(queued.records <= budget.records, "budgets: more records than the credit",
                           index(self_.actor), queued.records, budget.records);
  auto bytes_max = budget.bytes;
  if (queued.bytes > bytes_max) {
    std::uint64_t largest = 0;
    for (const auto& input : queue_) largest = std::max<std::uint64_t>(largest, input.record.size());
    // The one that was to pass alone may have been dropped meanwhile; others go in its place.
    if (drops_) largest = std::max(largest, world_.scenario.oversize_bytes());
    bytes_max = std::max(bytes_max, budget.bytes / 2 + largest);
  }
  world_.invariants.expect(queued.bytes <= bytes_max, "budgets: more bytes than the credit", index(self_.actor),
                           queued.bytes, bytes_max);
  world_.invariants.expect(edges_.queued().records == queue_.size(), "budgets: the queue is not what is counted",
                           index(self_.actor), edges_.queued().records, queue_.size());
}

SimInlet::Input SimInlet::accept() {
  auto input = std::move(queue_.front());
  queue_.pop_front();
  input.log->release(input.sequence);
  edges_.accepted(input.session, {1, input.record.size()});
  return input;
}

void SimInlet::apply(const Table& table) {
  for (std::size_t i = 0; i < senders_.size(); ++i) {
    if (!world_.scenario.sends(static_cast<ActorId>(i), self_.actor)) continue;
    const auto& placement = table.places[i];
    auto& known = senders_[i];
    const auto key = static_cast<SenderKey>(i);
    if (known.gone) continue;
    if (placement.gone) {
      edges_.close(key);
      known.gone = true;
    } else if (placement.epoch > known.epoch) {
      edges_.fence(key, placement.epoch);
      known.epoch = placement.epoch;
    }
  }
}

void SimInlet::send_acks() {
  if (!edges_.acks_due()) return;
  for (const auto& due : edges_.take_acks()) {
    const auto sender = static_cast<ActorId>(due.to);
    world_.network.send(self_.node, senders_[index(sender)].node, EdgeBack{self_.actor, sender, due.ack});
  }
}

void SimInlet::expect_rest() {
  auto& invariants = world_.invariants;
  invariants.expect(queue_.empty() && edges_.queued() == Quantity{}, "progress: a queue is not empty",
                    index(self_.actor), queue_.size());
  const auto senders = static_cast<std::size_t>(
      std::ranges::count_if(senders_, [](const Known& known) { return known.epoch != Epoch{} && !known.gone; }));
  invariants.expect(edges_.size() <= senders && edges_.sessions() <= senders, "progress: a session is left over",
                    index(self_.actor), edges_.size(), edges_.sessions());
  const auto held = edges_.credit().held();
  const auto& budget = world_.scenario.credit.budget;
  invariants.expect(held.records <= budget.records / 2 && held.bytes <= budget.bytes / 2,
                    "progress: at rest more credit is out than shares", index(self_.actor), held.records, held.bytes);
}

}  // namespace skep::simulation
