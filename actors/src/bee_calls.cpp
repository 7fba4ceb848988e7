#include "skep/actors/bee_calls.hpp"

#include <utility>

namespace skep {

std::uint64_t BeeCalls::add(WatchedBee& bee, const CallMark& mark, WatchSettings settings) {
  const std::scoped_lock lock(mutex_);
  places_.emplace(++last_, Place{.bee = &bee, .mark = &mark, .settings = settings});
  return last_;
}

void BeeCalls::remove(std::uint64_t bee) {
  const std::scoped_lock lock(mutex_);
  places_.erase(bee);
}

std::vector<CallInProgress> BeeCalls::look(Time now) {
  const std::scoped_lock lock(mutex_);
  std::vector<CallInProgress> calls;
  for (auto& [number, place] : places_) {
    const auto count = place.mark->count();
    if (count % 2 == 0) continue;
    if (count != std::exchange(place.count, count)) place.since = now;
    calls.push_back({number, place.since, place.settings.execution, place.settings.time_max});
  }
  return calls;
}

std::string BeeCalls::name(std::uint64_t bee) const {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(bee);
  return found == places_.end() ? std::string() : found->second.bee->watched_name();
}

void BeeCalls::abandon(std::uint64_t bee, const std::string& why) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(bee);
  if (found == places_.end() || std::exchange(found->second.abandoned, true)) return;
  found->second.bee->on_abandoned(why);
}

BeeCalls::Left BeeCalls::left() const {
  const std::scoped_lock lock(mutex_);
  Left left;
  for (const auto& [number, place] : places_) {
    left.names += (left.names.empty() ? "" : ", ") + place.bee->watched_name();
    ++left.count;
    left.all_abandoned = left.all_abandoned && place.abandoned;
  }
  return left;
}

}  // namespace skep
