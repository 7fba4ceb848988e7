#include "skep/actors/out_edge.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "skep/actors/limits.hpp"

namespace skep {
namespace {

/// What its receiver is not to have, or to have alone.
std::vector<EdgeSender::Undone> taken_from(EdgeSender& sender, OutEdge::Reach receiver) {
  switch (receiver) {
    case OutEdge::Reach::here:
    case OutEdge::Reach::again:
      return {};
    case OutEdge::Reach::draining:
      return sender.hand_over_unsent();
    case OutEdge::Reach::away:
      return sender.hand_over();
    case OutEdge::Reach::gone:
      break;
  }
  return sender.give_up();
}

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) noexcept {
  auto z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

OutEdge::OutEdge(OutEdgeSettings settings, Epoch self, std::uint64_t seed)
    : settings_(settings), self_(self), random_(seed) {
  settings_.window_bytes = std::max<std::uint64_t>(1, settings_.window_bytes);  // or the edge would never open
  assert(settings_.window >= 1 && settings_.window <= limits::edge_window_max);
  assert(settings_.delivery == Delivery::at_most_once || settings_.overflow == Overflow::block);
  assert(!settings_.hands_over || (settings_.delivery == Delivery::at_least_once && settings_.route == Route::any));
}

void OutEdge::open(Lane& lane) const {
  lane.sender = std::make_unique<EdgeSender>(EdgeSender::Settings{.delivery = settings_.delivery,
                                                                  .window = settings_.window,
                                                                  .prompt = prompt_,
                                                                  .deaths_max = settings_.deaths_max,
                                                                  .faults = settings_.faults},
                                             self_, lane.receiver);
}

void OutEdge::rewire(const std::vector<Placement>& replicas, std::vector<Returned>& returned) {
  assert(!replicas.empty() && replicas.size() >= lanes_.size());
  alive_.clear();
  std::vector<std::uint32_t> away;
  lanes_.reserve(replicas.size());
  for (std::uint32_t i = 0; i < replicas.size(); ++i) {
    if (i == lanes_.size()) lanes_.push_back({replicas[i].epoch});
    rewire(i, replicas[i], returned);
    if (lanes_[i].gone) continue;
    (lanes_[i].away ? away : alive_).push_back(i);
  }
  if (settings_.hands_over) hand_over(replicas, returned);
  if (alive_.empty()) alive_ = std::move(away);
  simple_ = lanes_.size() == 1 && alive_.size() == 1 && settings_.overflow == Overflow::block;
  if (compares()) hurry();  // what is accepted counts
}

void OutEdge::rewire(std::uint32_t receiver, const Placement& replica, std::vector<Returned>& returned) {
  auto& lane = lanes_[receiver];
  lane.away = replica.reach == Reach::away || replica.reach == Reach::draining;
  const bool ends = !std::exchange(lane.gone, replica.reach == Reach::gone) && lane.gone;
  if (ends && !settings_.hands_over) abandon(receiver, returned);
  if (lane.gone || lane.away) return;
  if (lane.receiver != replica.epoch || replica.reach == Reach::again) reopen(receiver, replica.epoch, returned);
  set_ready(receiver);
  update(receiver);
}

/// One that has not told yet is taken to be like the others.
void OutEdge::learn(Lane& lane, std::uint32_t pace) {
  lane.pace = pace;
  usual_pace_ = usual_pace_ == 0 ? pace : std::max<std::uint64_t>(1, (7 * usual_pace_ + pace) / 8);
}

/// Of a record that goes there next, until it is done with.
std::uint64_t OutEdge::expected_wait(std::uint32_t receiver) const noexcept {
  const auto& lane = lanes_[receiver];
  const auto pace = lane.pace != 0 ? lane.pace : std::max<std::uint64_t>(1, usual_pace_);
  return (lane.waiting + lane.in_flight + 1) * pace;
}

void OutEdge::reopen(std::uint32_t receiver, Epoch epoch, std::vector<Returned>& returned) {
  auto& lane = lanes_[receiver];
  lane.receiver = epoch;
  lane.pace = 0;
  if (!lane.sender) return;
  lane.sender->reopen(epoch);
  if (auto dangerous = lane.sender->take_dangerous()) {
    returned.push_back({std::move(dangerous->record), errc::bee_failed, dangerous->cause, receiver});
  }
}

void OutEdge::abandon(std::uint32_t receiver, std::vector<Returned>& returned) {
  auto& lane = lanes_[receiver];
  if (!lane.sender) return;
  for (auto& [record, cause] : lane.sender->give_up()) {
    returned.push_back({std::move(record), errc::unavailable, cause});
  }
  update(receiver);
}

/// To replicas that are in reach, if there are any; what one had that has ended for good is handed back else.
void OutEdge::hand_over(const std::vector<Placement>& replicas, std::vector<Returned>& returned) {
  for (std::uint32_t i = 0; i < replicas.size(); ++i) {
    if (!lanes_[i].sender) continue;
    if (replicas[i].reach != Reach::gone && alive_.empty()) continue;
    for (auto& [record, cause] : taken_from(*lanes_[i].sender, replicas[i].reach)) {
      push_routed(std::move(record), cause, returned);
    }
    update(i);
  }
}

void OutEdge::push_routed(Record record, Cause cause, std::vector<Returned>& returned) {
  if (alive_.empty()) {
    returned.push_back({std::move(record), errc::unavailable, cause});
  } else if (settings_.route == Route::all) {
    for (std::size_t i = 0; i + 1 < alive_.size(); ++i) push_to(alive_[i], record, cause, returned);
    push_to(alive_.back(), std::move(record), cause, returned);
  } else if (const auto receiver = route(record)) {
    push_to(*receiver, std::move(record), cause, returned);
  } else {
    returned.push_back({std::move(record), errc::unavailable, cause});
  }
}

/// Nothing if the replica that the record's key belongs to has ended.
std::optional<std::uint32_t> OutEdge::route(const Record& record) {
  if (settings_.route == Route::any) return route_any();
  const auto receiver = static_cast<std::uint32_t>(receiver_of_slot(key_slot(record.key()), lanes_.size()));
  if (lanes_[receiver].gone) return std::nullopt;
  return receiver;
}

std::uint32_t OutEdge::route_any() {
  if (alive_.size() == 1) return alive_.front();
  const auto [first, second] = two_of(alive_.size(), next_random(random_));
  return expected_wait(alive_[second]) < expected_wait(alive_[first]) ? alive_[second] : alive_[first];
}

/// By bytes, and another record could go instead.
bool OutEdge::exceeds_window(const EdgeSender& sender) const noexcept {
  return sender.waiting() > 1 && sender.waiting_bytes() > settings_.window_bytes;
}

/// What credit lets go with the next flush does not count as waiting, by its number.
void OutEdge::push_to(std::uint32_t receiver, Record record, Cause cause, std::vector<Returned>& returned) {
  auto& sender = sender_of(lanes_[receiver]);
  const bool full = settings_.overflow != Overflow::block && sender.waiting() >= sender.allowed() + settings_.window;
  if (settings_.overflow == Overflow::drop_newest && (full || sender.waiting_bytes() >= settings_.window_bytes)) {
    returned.push_back({std::move(record), errc::dropped});
    return;
  }
  add(receiver, std::move(record), cause);
  if (settings_.overflow != Overflow::drop_oldest) return;
  for (bool drop = full; drop || exceeds_window(sender); drop = false) {
    auto oldest = sender.drop_oldest();
    update(receiver);
    if (!settings_.faults.miscounted_drop) returned.push_back({std::move(oldest), errc::dropped});
  }
}

void OutEdge::on_ack(std::uint32_t receiver, const EdgeAck& ack, Time now, std::vector<Cause>& done,
                     std::uint32_t pace) {
  if (receiver >= lanes_.size()) return;
  auto& lane = lanes_[receiver];
  if (lane.gone || !lane.sender) return;
  lane.sender->on_ack(ack, now, done);
  if (pace != 0 && ack.receiver == lane.receiver) learn(lane, pace);
  set_ready(receiver);
  update(receiver);
}

void OutEdge::hurry() {
  prompt_ = true;
  for (const auto receiver : alive_) {
    auto& lane = lanes_[receiver];
    if (lane.sender) lane.sender->hurry();
    set_ready(receiver);
  }
}

void OutEdge::tick(Time now) {
  for (const auto receiver : alive_) {
    const auto& sender = lanes_[receiver].sender;
    if (!sender || !sender->due() || *sender->due() > now) continue;
    sender->tick(now);
    set_ready(receiver);
  }
}

std::optional<OutEdge::Time> OutEdge::due() const noexcept {
  std::optional<Time> first;
  for (const auto receiver : alive_) {
    const auto& sender = lanes_[receiver].sender;
    const auto due = sender ? sender->due() : std::nullopt;
    if (due && (!first || *due < *first)) first = due;
  }
  return first;
}

void OutEdge::set_ready(std::uint32_t receiver) {
  auto& lane = lanes_[receiver];
  if (lane.sender && !std::exchange(lane.ready, true)) ready_.push_back(receiver);
}

void OutEdge::set_full(std::uint32_t receiver) {
  lanes_[receiver].full = true;
  ++full_;
}

void OutEdge::update(std::uint32_t receiver) {
  auto& lane = lanes_[receiver];
  if (!lane.sender) return;
  const auto& sender = *lane.sender;
  waiting_ += sender.waiting() - std::exchange(lane.waiting, sender.waiting());
  in_flight_ += sender.unreleased() - std::exchange(lane.in_flight, sender.unreleased());
  lost_ += sender.lost() - std::exchange(lane.lost, sender.lost());
  const bool full = fills_window(sender);
  if (full == lane.full) return;
  if (full) return set_full(receiver);
  assert(full_ > 0);
  lane.full = false;
  --full_;
}

bool OutEdge::sendable() const noexcept {
  return std::any_of(ready_.begin(), ready_.end(),
                     [this](auto receiver) { return !lanes_[receiver].away && lanes_[receiver].sender->sendable(); });
}

bool OutEdge::idle() const noexcept {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const Lane& lane) { return lane.gone || !lane.sender || lane.sender->idle(); });
}

}  // namespace skep
