#include "intake.hpp"

#include <algorithm>
#include <cassert>

namespace skep {

Intake::Intake(std::optional<BatchSettings> batches, BeeMeter* meter) : meter_(meter) {
  if (batches) batcher_.emplace(*batches);
}

void Intake::add(RecordBatch&& batch, caf::strong_actor_ptr sender) {
  arrived_ += batch.records.size();
  if (!batch.records.empty()) arrivals_.push_back({std::move(batch), std::move(sender), 0});
}

bool Intake::next(Time now, Flush flush, std::vector<Accepted>& accepted) {
  if (batcher_) gather(now, accepted);
  if (!work().empty()) return true;
  work_.clear();
  done_ = 0;
  if (!batcher_) {
    if (arrivals_.empty()) return false;
    auto& arrival = arrivals_.front();
    accept(arrival, arrival.batch.records.size(), now, accepted);
    spent_ = arrival.batch.stamp.spent;
    arrived_ -= arrival.batch.records.size();
    work_ = std::move(arrival.batch.records);
    arrivals_.pop_front();
    return true;
  }
  const auto due = batcher_->due();
  if (!due || (flush == Flush::no && *due > now)) return false;
  take_batch(now);
  gather(now, accepted);
  return true;
}

void Intake::take_batch(Time now) {
  auto taken = batcher_->take(now);
  const auto records = static_cast<std::int64_t>(taken.batch.size() + taken.expired.size());
  spent_ = gathered_.mean();
  if (spent_ != Stamp::unknown) spent_ += taken.fill / records;
  gathered_ = {};
  if (meter_ != nullptr) meter_->batch_fill.add(static_cast<std::uint64_t>(taken.fill.count()));
  work_ = std::move(taken.batch);
  std::move(taken.expired.begin(), taken.expired.end(), std::back_inserter(expired_));
}

/// Moves arrivals to the batch as far as there is room.
void Intake::gather(Time now, std::vector<Accepted>& accepted) {
  while (!arrivals_.empty() && batcher_->size() < batcher_->size_max()) {
    auto& arrival = arrivals_.front();
    auto& records = arrival.batch.records;
    const auto count = std::min(records.size() - arrival.taken, batcher_->size_max() - batcher_->size());
    for (std::size_t i = 0; i < count; ++i) batcher_->add(std::move(records[arrival.taken + i]), now);
    accept(arrival, count, now, accepted);
    gathered_.add(arrival.batch.stamp.spent, count);
    arrived_ -= count;
    arrival.taken += count;
    if (arrival.taken == records.size()) arrivals_.pop_front();
  }
}

/// `now`: when they are taken up; nothing if they are not.
void Intake::accept(const Arrival& arrival, std::size_t records, std::optional<Time> now,
                    std::vector<Accepted>& accepted) {
  const auto& from = arrival.batch;
  CreditGrant grant{from.generation, from.edge, from.receiver, static_cast<std::uint32_t>(records)};
  if (now && from.stamp.sent_at != Time{}) {
    const auto waited = std::max(*now - from.stamp.sent_at, Time::duration::zero());
    grant.timed = grant.records;
    grant.waited = waited * grant.records;
    if (meter_ != nullptr) meter_->queue_wait.observe(waited, records);
  }
  if (!arrival.sender) return;  // sent anonymously: it keeps no window
  const auto same = [&](const Accepted& each) {
    return each.sender == arrival.sender && each.grant.generation == grant.generation &&
           each.grant.edge == grant.edge && each.grant.receiver == grant.receiver;
  };
  const auto known = std::find_if(accepted.begin(), accepted.end(), same);
  if (known == accepted.end()) {
    accepted.push_back({arrival.sender, grant});
  } else {
    known->grant.records += grant.records;
    known->grant.timed += grant.timed;
    known->grant.waited += grant.waited;
  }
}

void Intake::done(std::size_t records) noexcept {
  assert(records <= work().size());
  done_ += records;
}

std::vector<Record> Intake::take_all(std::vector<Accepted>& accepted) {
  std::vector<Record> all;
  const auto move_from = [&all](std::span<Record> records) { std::ranges::move(records, std::back_inserter(all)); };
  move_from(work());
  work_.clear();
  done_ = 0;
  gathered_ = {};
  while (batcher_ && batcher_->size() != 0) {
    auto taken = batcher_->take(Time::min());
    move_from(taken.expired);
    move_from(taken.batch);
  }
  for (auto& arrival : arrivals_) {
    const auto rest = std::span(arrival.batch.records).subspan(arrival.taken);
    accept(arrival, rest.size(), std::nullopt, accepted);
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
