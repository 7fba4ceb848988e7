#include "intake.hpp"

#include <algorithm>
#include <cassert>

namespace skep {

Intake::Intake(std::optional<BatchSettings> batches, InEdges::Settings edges, BeeMeter* meter,
               const DepartedSessions* departed)
    : inputs_(edges), meter_(meter) {
  if (batches) batcher_.emplace(*batches, departed);
}

Quantity Intake::add(RecordBatch&& batch, const caf::strong_actor_ptr& sender) {
  auto arrival = inputs_.receive(std::move(batch), sender);
  const Quantity came{arrival.records.size(), arrival.bytes};
  arrived_ += came.records;
  if (came.records != 0) arrivals_.push_back({std::move(arrival), 0});
  return came;
}

bool Intake::next(Time now, Flush flush) {
  if (batcher_) gather(now);
  if (!work().empty()) return true;
  work_.clear();
  done_ = 0;
  if (!batcher_) {
    if (arrivals_.empty()) return false;
    auto& arrival = arrivals_.front().arrival;
    inputs_.accepted(arrival, 0, arrival.records.size());
    measure_wait(arrival.stamp, arrival.records.size(), now);
    spent_ = arrival.stamp.spent;
    arrived_ -= arrival.records.size();
    work_ = std::move(arrival.records);
    arrivals_.pop_front();
    return true;
  }
  const auto due = batcher_->due();
  if (!due || (flush == Flush::no && *due > now)) return false;
  take_batch(now);
  gather(now);
  return true;
}

void Intake::take_batch(Time now) {
  auto taken = batcher_->take(now);
  const auto records = static_cast<std::int64_t>(taken.batch.size() + taken.unwanted.size());
  spent_ = gathered_.mean();
  if (spent_ != Stamp::unknown) spent_ += taken.fill / records;
  gathered_ = {};
  if (meter_ != nullptr) meter_->batch_fill.add(static_cast<std::uint64_t>(taken.fill.count()));
  work_ = std::move(taken.batch);
  std::move(taken.unwanted.begin(), taken.unwanted.end(), std::back_inserter(unwanted_));
}

/// Moves arrivals to the batch as far as there is room.
void Intake::gather(Time now) {
  while (!arrivals_.empty() && batcher_->size() < batcher_->size_max()) {
    auto& [arrival, taken] = arrivals_.front();
    auto& records = arrival.records;
    const auto count = std::min(records.size() - taken, batcher_->size_max() - batcher_->size());
    inputs_.accepted(arrival, taken, count);
    measure_wait(arrival.stamp, count, now);
    gathered_.add(arrival.stamp.spent, count);
    for (std::size_t i = 0; i < count; ++i) batcher_->add(std::move(records[taken + i]), now);
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

std::vector<Record> Intake::take_all() {
  std::vector<Record> all;
  const auto move_from = [&all](std::span<Record> records) { std::ranges::move(records, std::back_inserter(all)); };
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
    move_from(rest);
  }
  arrivals_.clear();
  arrived_ = 0;
  return all;
}

std::optional<Intake::Time> Intake::due() const {
  if (done_ < work_.size() || (!arrivals_.empty() && !batcher_)) return Time::min();
  if (!batcher_) return std::nullopt;
  if (!arrivals_.empty() && batcher_->size() < batcher_->size_max()) return Time::min();  // to be gathered
  return batcher_->due();
}

std::size_t Intake::size() const noexcept {
  return arrived_ + (batcher_ ? batcher_->size() : 0) + work_.size() - done_;
}

void Intake::worked(std::chrono::nanoseconds duration) noexcept {
  if (batcher_) batcher_->worked(duration);
}

}  // namespace skep
