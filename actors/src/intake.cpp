#include "intake.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace skep {

Intake::Intake(std::optional<BatchSettings> batches, InEdges::Settings edges, BeeMeter* meter,
               const DepartedSessions* departed)
    : inputs_(edges), keeps_(edges.delivery == Delivery::at_least_once), meter_(meter) {
  if (batches) batcher_.emplace(*batches, departed);
}

Quantity Intake::add(RecordBatch&& batch, const caf::strong_actor_ptr& sender) {
  auto arrival = inputs_.receive(std::move(batch), sender);
  const Quantity came{arrival.records.size(), arrival.bytes};
  arrived_ += came.records;
  if (came.records != 0) arrivals_.push_back({std::move(arrival), 0});
  return came;
}

/// Whether the first arrival may be.
bool Intake::may_take_up(bool settled) const {
  if (arrivals_.empty()) return false;
  if (!alone_ && !arrivals_.front().arrival.alone) return true;
  return settled && done_ == work_.size() && (!batcher_ || batcher_->size() == 0);
}

bool Intake::next(Time now, Flush flush, bool settled) {
  if (batcher_) gather(now, settled);
  if (!work().empty()) return true;
  work_.clear();
  done_ = 0;
  if (!batcher_) {
    if (!may_take_up(settled)) return false;
    auto& arrival = arrivals_.front().arrival;
    inputs_.accepted(arrival, 0, arrival.records.size());
    if (keeps_) work_inputs_.push_back({arrival.session, arrival.first, arrival.records.size()});
    measure_wait(arrival.stamp, arrival.records.size(), now);
    spent_ = arrival.stamp.spent;
    alone_ = arrival.alone;
    assert(arrival.records.size() <= arrived_);
    arrived_ -= arrival.records.size();
    work_ = std::move(arrival.records);
    arrivals_.pop_front();
    return true;
  }
  const auto due = batcher_->due();
  if (!due || (flush == Flush::no && !alone_ && *due > now)) return false;
  take_batch(now);
  gather(now, false);
  return true;
}

void Intake::take_batch(Time now) {
  auto taken = batcher_->take(now);
  if (keeps_) take_inputs_of_batch(taken);
  const auto records = static_cast<std::int64_t>(taken.batch.size() + taken.unwanted.size());
  spent_ = gathered_.mean();
  if (spent_ != Stamp::unknown) spent_ += taken.fill / records;
  gathered_ = {};
  if (meter_ != nullptr) meter_->batch_fill.add(static_cast<std::uint64_t>(taken.fill.count()));
  work_ = std::move(taken.batch);
  std::move(taken.unwanted.begin(), taken.unwanted.end(), std::back_inserter(unwanted_));
}

void Intake::take_inputs_of_batch(const Batcher::Taken& taken) {
  auto unwanted = taken.unwanted_at.begin();
  for (std::size_t i = 0; i < taken.batch.size() + taken.unwanted.size(); ++i) {
    const auto input = gathered_inputs_.front();
    gathered_inputs_.pop_front();
    if (unwanted != taken.unwanted_at.end() && *unwanted == i) {
      unwanted_inputs_.push_back(input);
      ++unwanted;
    } else {
      work_inputs_.push_back(input);
    }
  }
}

std::vector<Ledger::Inputs> Intake::take_inputs(std::size_t records) {
  auto taken = std::exchange(unwanted_inputs_, {});
  while (records > 0) {
    auto& next = work_inputs_.front();
    const auto count = std::min<std::uint64_t>(records, next.count);
    taken.push_back({next.session, next.first, count});
    next.first += count;
    next.count -= count;
    records -= count;
    if (next.count == 0) work_inputs_.pop_front();
  }
  return taken;
}

/// Moves arrivals to the batch as far as there is room.
void Intake::gather(Time now, bool settled) {
  while (batcher_->size() < batcher_->size_max() && may_take_up(settled)) {
    auto& [arrival, taken] = arrivals_.front();
    alone_ = arrival.alone;
    auto& records = arrival.records;
    const auto count = std::min(records.size() - taken, batcher_->size_max() - batcher_->size());
    inputs_.accepted(arrival, taken, count);
    measure_wait(arrival.stamp, count, now);
    gathered_.add(arrival.stamp.spent, count);
    for (std::size_t i = 0; i < count; ++i) batcher_->add(std::move(records[taken + i]), now);
    for (std::size_t i = 0; keeps_ && i < count; ++i) {
      gathered_inputs_.push_back({arrival.session, arrival.first + taken + i, 1});
    }
    assert(count <= arrived_);
    arrived_ -= count;
    taken += count;
    if (taken == records.size()) arrivals_.pop_front();
  }
}

void Intake::measure_wait(const Stamp& stamp, std::size_t records, Time now) {
  if (meter_ == nullptr || stamp.sent_at == Time{}) return;
  meter_->queue_wait.observe(std::max(now - stamp.sent_at, Time::duration::zero()), records);
}

void Intake::done(std::size_t records) noexcept {
  assert(records <= work().size());
  done_ += records;
}

Intake::All Intake::take_all() {
  All all;
  const auto move_from = [&all](std::span<Record> records) {
    std::ranges::move(records, std::back_inserter(all.records));
  };
  for (auto* inputs : {&work_inputs_, &gathered_inputs_}) {
    all.inputs.insert(all.inputs.end(), inputs->begin(), inputs->end());
    inputs->clear();
  }
  move_from(work());
  work_.clear();
  done_ = 0;
  gathered_ = {};
  while (batcher_ && batcher_->size() != 0) {
    auto taken = batcher_->take(Time::min());
    move_from(taken.unwanted);
    move_from(taken.batch);
  }
  for (auto& [arrival, taken] : arrivals_) {
    const auto rest = std::span(arrival.records).subspan(taken);
    inputs_.accepted(arrival, taken, rest.size());
    if (keeps_) all.inputs.push_back({arrival.session, arrival.first + taken, rest.size()});
    move_from(rest);
  }
  arrivals_.clear();
  arrived_ = 0;
  return all;
}

std::optional<Intake::Time> Intake::due(bool settled) const {
  if (done_ < work_.size()) return Time::min();
  if (!batcher_) return may_take_up(settled) ? std::optional(Time::min()) : std::nullopt;
  if (batcher_->size() < batcher_->size_max() && may_take_up(settled)) return Time::min();  // to be gathered
  if (alone_ && batcher_->size() != 0) return Time::min();
  return batcher_->due();
}

std::size_t Intake::size() const noexcept {
  return arrived_ + (batcher_ ? batcher_->size() : 0) + work_.size() - done_;
}

void Intake::worked(std::chrono::nanoseconds duration) noexcept {
  if (batcher_) batcher_->worked(duration);
}

}  // namespace skep
