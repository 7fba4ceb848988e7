#include "unordered_replies.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep {

OpenRequests::Place* UnorderedReplies::find(std::uint64_t request) noexcept {
  const auto found = places_.find(request);
  return found == places_.end() ? nullptr : &found->second;
}

std::size_t UnorderedReplies::expire(Time now, const Failure& failure) {
  std::size_t expired = 0;
  for (auto& [request, place] : places_) {
    if (place.answered()) continue;
    if (place.deadline > now) break;  // deadlines do not decrease
    fill(request, place, Failure(failure));
    ++expired;
  }
  return expired;
}

std::size_t UnorderedReplies::held_records() const noexcept {
  const auto holds = [](const auto& entry) { return entry.second.holds_record(); };
  return static_cast<std::size_t>(std::count_if(places_.begin(), places_.end(), holds));
}

OpenRequests::Numbered UnorderedReplies::first() noexcept {
  if (answered_.empty()) return {};
  const auto place = places_.find(answered_.front());
  assert(place != places_.end());
  return {place->first, &place->second};
}

void UnorderedReplies::drop(std::uint64_t request) {
  assert(answered_.empty() || answered_.front() == request);
  places_.erase(request);
  if (!answered_.empty()) answered_.pop_front();
}

std::optional<OpenRequests::Time> UnorderedReplies::earliest_deadline() const noexcept {
  const auto open = [](const auto& entry) { return !entry.second.answered(); };
  const auto first = std::find_if(places_.begin(), places_.end(), open);
  return first == places_.end() ? std::nullopt : std::optional(first->second.deadline);
}

}  // namespace skep
