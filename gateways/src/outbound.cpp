#include "outbound.hpp"

#include <cassert>
#include <utility>

namespace skep {

void Outbound::add(RecordBatch&& batch, const caf::strong_actor_ptr& sender) {
  auto arrival = inputs_.receive(std::move(batch), sender);
  waiting_ += arrival.records.size();
  if (!arrival.records.empty()) arrivals_.push_back({std::move(arrival), 0});
}

const Record& Outbound::front() const {
  assert(!empty());
  if (!again_.empty()) return again_.begin()->second.record;
  return arrivals_.front().arrival.records[arrivals_.front().taken];
}

Outbound::Taken Outbound::take() {
  assert(!empty());
  --waiting_;
  if (!again_.empty()) return std::move(again_.extract(again_.begin()).mapped());
  auto& [arrival, taken] = arrivals_.front();
  inputs_.accepted(arrival, taken, 1);
  Taken record{std::move(arrival.records[taken]), arrival.session, arrival.first + taken, came_++};
  if (++taken == arrival.records.size()) arrivals_.pop_front();
  return record;
}

void Outbound::hand_out() {
  auto record = take();
  if (keeps_) kept_.emplace_back(std::move(record));
}

void Outbound::drop() {
  done(take());
}

Outbound::Taken Outbound::take_kept(std::uint64_t number) {
  assert(number >= kept_from_ && number - kept_from_ < kept_.size() && kept_[number - kept_from_]);
  auto record = *std::exchange(kept_[number - kept_from_], std::nullopt);
  for (; !kept_.empty() && !kept_.front(); ++kept_from_) kept_.pop_front();
  return record;
}

void Outbound::done(const SentRecords::Ranges& numbers) {
  if (!keeps_) return;
  for (const auto& range : numbers) {
    for (auto number = range.first; number < range.end; ++number) done(take_kept(number));
  }
}

std::uint64_t Outbound::take_back(const SentRecords::Ranges& numbers) {
  if (!keeps_) return 0;
  std::uint64_t count = 0;
  for (const auto& range : numbers) {
    for (auto number = range.first; number < range.end; ++number) {
      auto record = take_kept(number);
      again_.emplace(record.order, std::move(record));
      ++count;
    }
  }
  waiting_ += count;
  return count;
}

}  // namespace skep
