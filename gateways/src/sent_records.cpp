#include "sent_records.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep {

std::uint64_t count_of(const SentRecords::Ranges& ranges) noexcept {
  std::uint64_t count = 0;
  for (const auto& range : ranges) count += range.end - range.first;
  return count;
}

void SentRecords::hand_out(std::size_t sessions) {
  assert(sessions > 0);
  const auto number = next_++;
  if (!runs_.empty() && runs_.back().owed == sessions && !runs_.back().sent) return;
  runs_.push_back({number, sessions, false});
}

void SentRecords::take(Share& share) const {
  if (share.owed() == 0) share.written = share.handed = next_ - 1;
  assert(share.handed == next_ - 1);
  share.handed = next_;
}

const SentRecords::Ranges& SentRecords::written(Share& share, std::uint64_t count) {
  settle(share, count, true);
  return found_;
}

const SentRecords::Ranges& SentRecords::dropped(Share& share, std::uint64_t count) {
  settle(share, count, false);
  return found_;
}

/// Finds what is decided by that.
void SentRecords::settle(Share& share, std::uint64_t count, bool sent) {
  found_.clear();
  assert(count <= share.owed());
  if (count == 0) return;
  const auto from = split(share.written);
  const auto to = split(share.written + count);
  for (auto i = from; i < to; ++i) {
    auto& run = runs_[i];
    --run.owed;
    if (run.sent || !(sent || run.owed == 0)) continue;
    run.sent = true;
    found_.push_back({run.first, end_of(i)});
  }
  share.written += count;
  join(from > 0 ? from - 1 : 0, to);
}

std::uint64_t SentRecords::end_of(std::size_t run) const noexcept {
  return run + 1 < runs_.size() ? runs_[run + 1].first : next_;
}

/// Returns the run that begins there.
std::size_t SentRecords::split(std::uint64_t at) {
  const auto begins_before = [](const Run& run, std::uint64_t number) { return run.first < number; };
  const auto found = std::lower_bound(runs_.begin(), runs_.end(), at, begins_before);
  const auto index = static_cast<std::size_t>(found - runs_.begin());
  if (at == next_ || (found != runs_.end() && found->first == at)) return index;
  assert(index > 0);
  auto rest = runs_[index - 1];
  rest.first = at;
  runs_.insert(found, rest);
  return index;
}

/// Neighbours from `from` up to `to` that have become alike, and what nobody owes at the front.
void SentRecords::join(std::size_t from, std::size_t to) {
  const auto at = [this](std::size_t index) { return runs_.begin() + static_cast<std::ptrdiff_t>(index); };
  const auto end = at(std::min(to + 1, runs_.size()));
  const auto alike = [](const Run& one, const Run& other) { return one.owed == other.owed && one.sent == other.sent; };
  runs_.erase(std::unique(at(from), end, alike), end);
  if (!runs_.empty() && runs_.front().owed == 0) runs_.erase(runs_.begin());
}

}  // namespace skep
