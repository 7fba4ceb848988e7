#include "skep/actors/credit.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep {

CreditPool::CreditPool(Settings settings) : settings_(settings) {
  assert(settings_.budget.records > 0 && settings_.budget.bytes > 0);
}

void CreditPool::resize(Settings settings) {
  assert(settings.budget.records > 0 && settings.budget.bytes > 0);
  const bool smaller =
      settings.budget.records < settings_.budget.records || settings.budget.bytes < settings_.budget.bytes;
  settings_ = settings;
  if (smaller) divide_anew();
  serve();
}

/// As if all had joined now. A sender may never spend its share: what it holds of the larger one counts no longer, so
/// that nobody waits for it. What it was granted because it asked it spends.
void CreditPool::divide_anew() {
  shares_ = {};
  for (auto& place : places_) {
    if (!place.joined || place.retired) continue;
    const auto former = place.share;
    place.share = lowest(former, next_share());
    shares_ = shares_ + place.share;
    excuse(place, lowest(place.excused + (former - place.share), held_by(place) - lowest(held_by(place), place.share)));
  }
}

void CreditPool::excuse(Place& place, Quantity amount) noexcept {
  excused_ = excused_ - std::exchange(place.excused, amount) + amount;
}

CreditPool::Member CreditPool::join(Quantity base) {
  if (vacant_.empty()) {
    vacant_.push_back(static_cast<Member>(places_.size()));
    places_.emplace_back();
  }
  const auto member = vacant_.back();
  vacant_.pop_back();
  auto& place = at(member);
  place = {};
  place.joined = true;
  place.granted = place.released = base;
  place.share = next_share();
  shares_ = shares_ + place.share;
  fill_share(member);
  return member;
}

/// Of the half of the budget that does not float, at most a quarter of what is left.
Quantity CreditPool::next_share() const noexcept {
  const auto part = [](std::uint64_t budget, std::uint64_t taken, std::uint64_t most) {
    return std::min(most, (budget / 2 - std::min(budget / 2, taken)) / 4);
  };
  const Quantity share{part(settings_.budget.records, shares_.records, settings_.share.records),
                       part(settings_.budget.bytes, shares_.bytes, settings_.share.bytes)};
  return share.records == 0 || share.bytes == 0 ? Quantity{} : share;
}

/// Those that came before may have left, and the budget may be another.
void CreditPool::renew_share(Place& place) noexcept {
  if (place.retired || place.share == settings_.share) return;
  const auto own = std::exchange(place.share, {});
  shares_ = shares_ - own;
  place.share = lowest(settings_.share, highest(own, next_share()));
  shares_ = shares_ + place.share;
  const auto grown = place.share - lowest(place.share, own);
  excuse(place, place.excused - lowest(place.excused, grown));
}

void CreditPool::retire(Member member, Quantity spent) {
  auto& place = at(member);
  shares_ = shares_ - std::exchange(place.share, {});
  place.retired = true;
  place.demand = {};
  set_granted(place, highest(spent, place.released));
  serve();
}

void CreditPool::leave(Member member) {
  auto& place = at(member);
  assert(place.joined);
  set_granted(place, place.released);
  shares_ = shares_ - place.share;
  hungry_.remove(member);
  std::erase(raised_, member);
  place = {};
  vacant_.push_back(member);
  serve();
}

void CreditPool::ask(Member member, const Demand& demand) {
  auto& place = at(member);
  set_granted(place, highest(demand.spent, place.released));
  place.demand = demand;
  fill_share(member);
  queue_if_short(member);
  serve();
}

void CreditPool::released(Member member, Quantity total) {
  auto& place = at(member);
  assert(total.records >= place.released.records && total.bytes >= place.released.bytes);
  // A sender that sends more than it was granted spends nobody else's credit.
  set_held(place, highest(place.granted, total), total);
  renew_share(place);
  fill_share(member);
  queue_if_short(member);
  serve();
}

void CreditPool::set_granted(Place& place, Quantity total) noexcept {
  set_held(place, total, place.released);
}

void CreditPool::set_held(Place& place, Quantity granted, Quantity released) noexcept {
  held_ = held_ - held_by(place);
  place.granted = granted;
  place.released = released;
  held_ = held_ + held_by(place);
  excuse(place, lowest(place.excused, held_by(place)));
}

bool CreditPool::is_short(const Place& place) noexcept {
  return place.demand.all.records > place.granted.records || place.demand.next_bytes > place.granted.bytes;
}

Quantity CreditPool::free() const noexcept {
  return settings_.budget - lowest(settings_.budget, counted());
}

void CreditPool::grant(Member member, Quantity amount) {
  if (amount == Quantity{}) return;
  auto& place = at(member);
  set_granted(place, place.granted + amount);
  if (!std::exchange(place.raised, true)) raised_.push_back(member);
}

/// Up to the share, as far as there is room.
void CreditPool::fill_share(Member member) {
  const auto& place = at(member);
  const auto held = held_by(place);
  const auto room = free();
  grant(member, {std::min(place.share.records - std::min(place.share.records, held.records), room.records),
                 std::min(place.share.bytes - std::min(place.share.bytes, held.bytes), room.bytes)});
}

void CreditPool::queue_if_short(Member member) {
  auto& place = at(member);
  if (!is_short(place) || std::exchange(place.queued, true)) return;
  hungry_.push_back(member);
}

/// In rounds: what is free is divided among those that wait now.
void CreditPool::serve() {
  while (!hungry_.empty()) {
    const auto waiting = hungry_.size();
    const auto room = free();
    const Quantity part{std::max<std::uint64_t>(1, room.records / waiting), room.bytes / waiting};
    for (std::size_t i = 0; i < waiting; ++i) {
      const auto member = hungry_.front();
      if (is_short(at(member)) && !serve(member, part)) return;
      hungry_.pop_front();
      at(member).queued = false;
      queue_if_short(member);
    }
  }
}

/// Returns false if the next record of the one that waits longest cannot go yet.
bool CreditPool::serve(Member member, Quantity part) {
  const auto& granted = at(member).granted;
  const auto& demand = at(member).demand;
  const auto room = free();
  const auto missing = [](std::uint64_t wanted, std::uint64_t have) { return wanted - std::min(wanted, have); };
  const auto records = missing(demand.all.records, granted.records);
  const auto bytes = missing(demand.all.bytes, granted.bytes);
  const auto next_bytes = missing(demand.next_bytes, granted.bytes);
  const bool alone = counted().bytes <= shares_.bytes;  // no other floating bytes are out that count
  if ((records > 0 && room.records == 0) || (next_bytes > room.bytes && !alone)) return false;
  const auto more_bytes = std::min({bytes, part.bytes, room.bytes});
  grant(member, {std::min({records, part.records, room.records}), std::max(next_bytes, more_bytes)});
  return true;
}

std::vector<CreditPool::Member> CreditPool::take_raised() {
  for (const auto member : raised_) at(member).raised = false;
  return std::exchange(raised_, {});
}

}  // namespace skep
