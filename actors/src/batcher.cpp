#include "skep/actors/batcher.hpp"

#include <algorithm>
#include <cassert>

#include "skep/actors/limits.hpp"

namespace skep {

Batcher::Batcher(BatchSettings settings, const DepartedSessions* departed) : settings_(settings), departed_(departed) {
  assert(settings_.size_max <= limits::batch_size_max && settings_.delay_max <= limits::batch_delay_max);
}

std::size_t Batcher::size_max() const noexcept {
  return settings_.size_max != 0 ? settings_.size_max : limits::slice_records_max;
}

void Batcher::add(Record record, Time now) {
  earliest_deadline_ = std::min(earliest_deadline_, record.deadline());
  waiting_.push_back({std::move(record), now});
}

std::optional<Batcher::Time> Batcher::due() const {
  if (waiting_.empty()) return std::nullopt;
  const auto first = waiting_.front().arrived;
  if (waiting_.size() >= size_max()) return first;
  return std::min(first + settings_.delay_max, earliest_deadline_ - usual_work_ - limits::batch_deadline_margin);
}

Batcher::Taken Batcher::take(Time now) {
  Taken taken;
  if (waiting_.empty()) return taken;
  const auto full = waiting_.size() >= size_max();
  const auto closed = full ? waiting_[size_max() - 1].arrived : std::min(now, *due());
  const Unwanted unwanted(departed_, now);
  taken.batch.reserve(std::min(waiting_.size(), size_max()));
  while (!waiting_.empty() && taken.batch.size() < size_max()) {
    auto& [record, arrived] = waiting_.front();
    if (closed > arrived) taken.fill += closed - arrived;
    const bool wanted = !unwanted(record);
    if (!wanted) taken.unwanted_at.push_back(taken.batch.size() + taken.unwanted.size());
    (wanted ? taken.batch : taken.unwanted).push_back(std::move(record));
    waiting_.pop_front();
  }
  earliest_deadline_ = no_deadline;
  for (const auto& each : waiting_) earliest_deadline_ = std::min(earliest_deadline_, each.record.deadline());
  return taken;
}

void Batcher::worked(std::chrono::nanoseconds duration) noexcept {
  usual_work_ = usual_work_ == usual_work_.zero() ? duration : usual_work_ + (duration - usual_work_) / 8;
}

}  // namespace skep
