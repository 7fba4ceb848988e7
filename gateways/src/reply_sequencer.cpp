#include "reply_sequencer.hpp"

#include <algorithm>
#include <cassert>

namespace skep {

OpenRequests::Place& ReplySequencer::add() {
  if (end() - begin_ == ring_.size()) {
    std::vector<Place> larger(std::max<std::size_t>(8, ring_.size() * 2));
    for (auto request = begin_; request != end(); ++request) {
      larger[request & (larger.size() - 1)] = std::move(at(request));
    }
    ring_ = std::move(larger);
  }
  return at(end());
}

OpenRequests::Place* ReplySequencer::find(std::uint64_t request) noexcept {
  return request >= begin_ && request < end() ? &at(request) : nullptr;
}

void ReplySequencer::filled(std::uint64_t request) {
  if (request == waiting_) skip_answered();
}

void ReplySequencer::skip_answered() {
  while (waiting_ != end() && at(waiting_).answered()) ++waiting_;
}

std::size_t ReplySequencer::expire(Time now, const Failure& failure) {
  std::size_t expired = 0;
  for (auto request = waiting_; request != end(); ++request) {
    auto& place = at(request);
    if (place.answered()) continue;
    if (place.deadline > now) break;  // deadlines do not decrease
    fill(request, place, Failure(failure));
    ++expired;
  }
  return expired;
}

std::size_t ReplySequencer::held_records() const noexcept {
  std::size_t count = 0;
  for (auto request = begin_; request != end(); ++request) count += at(request).holds_record() ? 1 : 0;
  return count;
}

OpenRequests::Numbered ReplySequencer::first() noexcept {
  return begin_ != end() && at(begin_).answered() ? Numbered{begin_, &at(begin_)} : Numbered{};
}

void ReplySequencer::drop(std::uint64_t request) {
  assert(begin_ != end() && request == begin_ && !at(request).answered());
  ++begin_;
  if (waiting_ != request) return;
  ++waiting_;
  skip_answered();
}

std::optional<ReplySequencer::Time> ReplySequencer::earliest_deadline() const noexcept {
  if (open_count() == 0) return std::nullopt;
  assert(waiting_ != end());
  return at(waiting_).deadline;
}

}  // namespace skep
