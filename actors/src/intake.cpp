#include "intake.hpp"

#include <algorithm>
#include <cassert>

namespace skep {

Intake::Intake(std::optional<BatchSettings> batches) {
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
    accept(arrival, arrival.batch.records.size(), accepted);
    arrived_ -= arrival.batch.records.size();
    work_ = std::move(arrival.batch.records);
    arrivals_.pop_front();
    return true;
  }
  const auto due = batcher_->due();
  if (!due || (flush == Flush::no && *due > now)) return false;
  auto taken = batcher_->take(now);
  work_ = std::move(taken.batch);
  std::move(taken.expired.begin(), taken.expired.end(), std::back_inserter(expired_));
  gather(now, accepted);
  return true;
}

/// Moves arrivals to the batch as far as there is room.
void Intake::gather(Time now, std::vector<Accepted>& accepted) {
  while (!arrivals_.empty() && batcher_->size() < batcher_->size_max()) {
    auto& arrival = arrivals_.front();
    auto& records = arrival.batch.records;
    const auto count = std::min(records.size() - arrival.taken, batcher_->size_max() - batcher_->size());
    for (std::size_t i = 0; i < count; ++i) batcher_->add(std::move(records[arrival.taken + i]), now);
    accept(arrival, count, accepted);
    arrived_ -= count;
    arrival.taken += count;
    if (arrival.taken == records.size()) arrivals_.pop_front();
  }
}

void Intake::accept(const Arrival& arrival, std::size_t records, std::vector<Accepted>& accepted) {
  if (!arrival.sender) return;  // sent anonymously: it keeps no window
  const auto& from = arrival.batch;
  const CreditGrant grant{from.generation, from.edge, from.receiver, static_cast<std::uint32_t>(records)};
  const auto same = [&](const Accepted& each) {
    return each.sender == arrival.sender && each.grant.generation == grant.generation &&
           each.grant.edge == grant.edge && each.grant.receiver == grant.receiver;
  };
  const auto known = std::find_if(accepted.begin(), accepted.end(), same);
  if (known == accepted.end()) {
    accepted.push_back({arrival.sender, grant});
  } else {
    known->grant.records += grant.records;
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
  while (batcher_ && batcher_->size() != 0) {
    auto taken = batcher_->take(Time::min());
    move_from(taken.expired);
    move_from(taken.batch);
  }
  for (auto& arrival : arrivals_) {
    const auto rest = std::span(arrival.batch.records).subspan(arrival.taken);
    accept(arrival, rest.size(), accepted);
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
