#pragma once
// The open timers of one bee or gateway, by time. Pure: the host asks what is due.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
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
    if (!open_) open_ = std::make_unique<Open>();
    if (open_->by_id.size() >= limits::timers_max) {
      throw std::length_error("more than " + std::to_string(limits::timers_max) + " open timers (timers_max)");
    }
    const TimerId id{++last_};
    open_->by_id.emplace(id.value, open_->by_time.emplace(due, id));
    return id;
  }

  void cancel(TimerId timer) {
    if (!open_) return;
    const auto entry = open_->by_id.find(timer.value);
    if (entry == open_->by_id.end()) return;
    open_->by_time.erase(entry->second);
    open_->by_id.erase(entry);
  }

  void clear() noexcept { open_.reset(); }

  [[nodiscard]] std::optional<Time> next() const {
    if (empty()) return std::nullopt;
    return open_->by_time.begin()->first;
  }

  /// Takes the earliest one if it is due.
  [[nodiscard]] std::optional<TimerId> take_due(Time now) { return take_due(now, last()); }
  /// The same, but none that was started after `until`.
  [[nodiscard]] std::optional<TimerId> take_due(Time now, TimerId until) {
    if (empty() || open_->by_time.begin()->first > now) return std::nullopt;
    const auto id = open_->by_time.begin()->second;
    if (id.value > until.value) return std::nullopt;
    cancel(id);
    return id;
  }
  [[nodiscard]] TimerId last() const noexcept { return {last_}; }  ///< the one that was started last

 private:
  using ByTime = std::multimap<Time, TimerId>;  // equal times keep the order in which they were started
  struct Open {
    ByTime by_time;
    std::unordered_map<std::uint64_t, ByTime::iterator> by_id;
  };

  [[nodiscard]] bool empty() const noexcept { return !open_ || open_->by_time.empty(); }

  std::unique_ptr<Open> open_;  ///< from the first one on: most have none
  std::uint64_t last_ = 0;
};

}  // namespace skep
