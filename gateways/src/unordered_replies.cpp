#include "unordered_replies.hpp"

#include <algorithm>
#include <utility>

namespace skep {

OpenRequests::Place* UnorderedReplies::find(std::uint64_t request) noexcept {
  const auto found = places_.find(request);
  return found == places_.end() ? nullptr : &found->second;
}

std::size_t UnorderedReplies::expire(Time now, const Failure& failure) {
  std::size_t expired = 0;
  for (auto& [request, place] : places_) {
    if (place.answer) continue;
    if (place.deadline > now) break;  // deadlines do not decrease
    fill(request, place, failure);
    ++expired;
  }
  return expired;
}

std::size_t UnorderedReplies::held_records() const noexcept {
  const auto holds = [](const auto& entry) { return entry.second.holds_record(); };
  return static_cast<std::size_t>(std::count_if(places_.begin(), places_.end(), holds));
}

std::optional<OpenRequests::Numbered> UnorderedReplies::take() {
  if (answered_.empty()) return std::nullopt;
  const auto request = answered_.front();
  answered_.pop_front();
  return Numbered{request, std::move(places_.extract(request).mapped())};
}

std::optional<OpenRequests::Time> UnorderedReplies::earliest_deadline() const noexcept {
  const auto open = [](const auto& entry) { return !entry.second.answer; };
  const auto first = std::find_if(places_.begin(), places_.end(), open);
  return first == places_.end() ? std::nullopt : std::optional(first->second.deadline);
}

}  // namespace skep
