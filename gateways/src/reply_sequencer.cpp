#include "reply_sequencer.hpp"

#include <algorithm>
#include <cassert>

namespace skep {

std::size_t size_of(const Answer& answer) noexcept {
  if (const auto* record = std::get_if<Record>(&answer)) return record->size();
  return std::get<Failure>(answer).message.size();
}

bool is_error(const Answer& answer) noexcept {
  const auto* record = std::get_if<Record>(&answer);
  return record == nullptr || record->content().kind == ContentKind::error;
}

ReplySequencer::Place& ReplySequencer::add() {
  if (places() == ring_.size()) {
    std::vector<Place> larger(std::max<std::size_t>(8, ring_.size() * 2));
    for (auto request = begin_; request != end_; ++request) {
      larger[request & (larger.size() - 1)] = std::move(at(request));
    }
    ring_ = std::move(larger);
  }
  auto& place = at(end_++);
  place.answer.reset();
  place.bytes = 0;
  return place;
}

std::uint64_t ReplySequencer::open(Time deadline, std::size_t bytes) {
  assert(deadline >= last_deadline_);
  last_deadline_ = deadline;
  auto& place = add();
  place.deadline = deadline;
  place.bytes = bytes;
  bytes_ += bytes;
  ++open_;
  return end_ - 1;
}

void ReplySequencer::refuse(Failure failure) {
  auto& place = add();
  ++open_;
  fill(place, std::move(failure));
}

void ReplySequencer::fill(Place& place, Answer answer) {
  held_bytes_ += size_of(answer);
  place.answer = std::move(answer);
  excess_bytes_ += excess(place);
  assert(open_ > 0);
  --open_;
  skip_answered();
}

void ReplySequencer::skip_answered() noexcept {
  waiting_ = std::max(waiting_, begin_);
  while (waiting_ != end_ && at(waiting_).answer) ++waiting_;
}

std::size_t ReplySequencer::excess(const Place& place) noexcept {
  const auto size = size_of(*place.answer);
  return size > place.bytes ? size - place.bytes : 0;
}

bool ReplySequencer::awaits(std::uint64_t request) const noexcept {
  return request >= begin_ && request < end_ && !at(request).answer;
}

ReplySequencer::Accepted ReplySequencer::answer(std::uint64_t request, Answer answer) {
  if (!awaits(request)) return Accepted::late;
  fill(at(request), std::move(answer));
  return Accepted::yes;
}

ReplySequencer::Time ReplySequencer::deadline(std::uint64_t request) const noexcept {
  assert(request >= begin_ && request < end_);
  return at(request).deadline;
}

std::size_t ReplySequencer::bytes(std::uint64_t request) const noexcept {
  assert(request >= begin_ && request < end_);
  return at(request).bytes;
}

std::size_t ReplySequencer::expire(Time now, const Failure& failure) {
  std::size_t expired = 0;
  for (auto request = waiting_; request != end_; ++request) {
    auto& place = at(request);
    if (place.answer) continue;
    if (place.deadline > now) break;  // deadlines do not decrease
    fill(place, failure);
    ++expired;
  }
  return expired;
}

std::size_t ReplySequencer::held_records() const noexcept {
  std::size_t count = 0;
  for (auto request = begin_; request != end_; ++request) {
    const auto& answer = at(request).answer;
    count += answer && !is_error(*answer) ? 1 : 0;
  }
  return count;
}

std::optional<Answer> ReplySequencer::next() {
  if (begin_ == end_ || !at(begin_).answer) return std::nullopt;
  auto& place = at(begin_++);
  excess_bytes_ -= excess(place);
  bytes_ -= place.bytes;
  auto answer = std::move(place.answer);
  place.answer.reset();
  held_bytes_ -= size_of(*answer);
  waiting_ = std::max(waiting_, begin_);
  return answer;
}

std::optional<ReplySequencer::Time> ReplySequencer::earliest_deadline() const noexcept {
  if (open_ == 0) return std::nullopt;
  assert(waiting_ != end_);
  return at(waiting_).deadline;
}

}  // namespace skep
