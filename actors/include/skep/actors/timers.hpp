#pragma once
// The open timers of one bee or gateway, by time. Pure: the host asks what is due.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "skep/actors/bee.hpp"
#include "skep/actors/limits.hpp"

namespace skep {

class Timers {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Throws std::length_error past limits::timers_max.
  TimerId start(Time due) {
    if (by_id_.size() >= limits::timers_max) {
      throw std::length_error("more than " + std::to_string(limits::timers_max) + " open timers (timers_max)");
    }
    const TimerId id{++last_};
    by_id_.emplace(id.value, by_time_.emplace(due, id));
    return id;
  }

  void cancel(TimerId timer) {
    const auto entry = by_id_.find(timer.value);
    if (entry == by_id_.end()) return;
    by_time_.erase(entry->second);
    by_id_.erase(entry);
  }

  void clear() noexcept {
    by_time_.clear();
    by_id_.clear();
  }

  [[nodiscard]] std::optional<Time> next() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
  }

  /// Takes the earliest one if it is due.
  [[nodiscard]] std::optional<TimerId> take_due(Time now) { return take_due(now, last()); }
  /// The same, but none that was started after `until`.
  [[nodiscard]] std::optional<TimerId> take_due(Time now, TimerId until) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    const auto id = by_time_.begin()->second;
    if (id.value > until.value) return std::nullopt;
    cancel(id);
    return id;
  }
  [[nodiscard]] TimerId last() const noexcept { return {last_}; }  ///< the one that was started last

 private:
  using ByTime = std::multimap<Time, TimerId>;  // equal times keep the order in which they were started

  ByTime by_time_;
  std::unordered_map<std::uint64_t, ByTime::iterator> by_id_;
  std::uint64_t last_ = 0;
};

}  // namespace skep
