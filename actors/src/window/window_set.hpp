#pragma once
// What is open of all keys and windows, each with a state `T` that records are added to.
//
//   if (windows.judge(key, time, wall_clock) == WindowVerdict::taken) {
//     windows.put(key, time, now, [&](T& state) { ... });       // once for each of its windows
//     windows.close(now, [&](const WindowSet<T>::Closed& window) { ... });
//   }
//
// A window is told once the watermark has reached its end, windows in the order of their ends, those of one end by key.
// It is kept for `lateness` beyond, and told again, with a higher revision, after each record that comes so late. A
// record that is too late for all of its windows is refused, and so is one far ahead of this machine's clock, which
// would end everybody's windows.
//
// Pure: times are given, and `judge` changes nothing. Bounded by WindowRules: keys and windows. Threads: none.

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "window_rules.hpp"

namespace skep {

enum class WindowVerdict {
  taken,
  late,          ///< for all of its windows
  ahead,         ///< of the clock, by more than `ahead_max`
  out_of_range,  ///< no time that windows are made for
  keys_full,
  windows_full,
};

template <class T>
class WindowSet {
 public:
  struct Closed : WindowName {
    const T& state;
  };

  explicit WindowSet(const WindowRules& rules) : rules_(rules), watermark_(rules) {}

  [[nodiscard]] WindowVerdict judge(std::string_view key, EventTime time, EventTime wall_clock) const {
    if (!in_range_of_windows(time)) return WindowVerdict::out_of_range;
    if (time > wall_clock + rules_.ahead_max) return WindowVerdict::ahead;
    if (is_gone(last_begin_of(time, rules_))) return WindowVerdict::late;
    const auto missing = missing_windows(key, time);
    if (missing == 0) return WindowVerdict::taken;  // the common case, without a look at all keys
    if (keys_.size() >= rules_.keys_max && !keys_.contains(key)) return WindowVerdict::keys_full;
    const auto room = rules_.windows_max - std::min(size_, rules_.windows_max);
    return missing <= room ? WindowVerdict::taken : WindowVerdict::windows_full;
  }

  /// Adds what `judge` has found `taken`.
  template <class Add>
  void put(std::string_view key, EventTime time, ClockTime now, Add&& add) {
    assert(in_range_of_windows(time));
    const auto last = last_begin_of(time, rules_);
    for (auto begin = first_begin_of(time, rules_); begin <= last; begin += rules_.step()) {
      if (is_gone(begin)) continue;
      auto& entry = entry_of(key, begin);
      if (told_to_ && end_of(begin) <= *told_to_) touched_.emplace(begin, key);
      add(entry.state);
    }
    watermark_.note(time, now);
  }

  /// Tells each window that is over at `now`, or has changed since it was told; forgets those that take nothing more.
  template <class Tell>
  void close(ClockTime now, Tell&& tell) {
    watermark_.advance(now);
    if (!watermark_.value()) return;
    tell_touched(tell);
    auto next = told_to_ ? windows_.upper_bound(*told_to_ - rules_.length) : windows_.begin();
    for (; next != windows_.end() && watermark_.has_reached(end_of(next->first)); ++next) tell_all(*next, tell);
    told_to_ = watermark_.value();
    while (!windows_.empty() && is_gone(windows_.begin()->first)) forget_first();
  }

  /// The stream is over: tells all that has not been told as it is, and forgets everything.
  template <class Tell>
  void close_all(Tell&& tell) {
    tell_touched(tell);
    auto next = told_to_ ? windows_.upper_bound(*told_to_ - rules_.length) : windows_.begin();
    for (; next != windows_.end(); ++next) tell_all(*next, tell);
    while (!windows_.empty()) forget_first();
  }

  /// When `close` has something to do if no further record comes; nothing: never.
  [[nodiscard]] std::optional<ClockTime> due() const {
    if (windows_.empty()) return std::nullopt;
    const auto first = end_of(windows_.begin()->first) + rules_.lateness;
    const auto next = told_to_ ? windows_.upper_bound(*told_to_ - rules_.length) : windows_.begin();
    return watermark_.due(next == windows_.end() ? first : std::min(first, end_of(next->first)));
  }

  [[nodiscard]] std::optional<EventTime> watermark() const noexcept { return watermark_.value(); }
  [[nodiscard]] std::size_t keys() const noexcept { return keys_.size(); }
  [[nodiscard]] std::size_t windows() const noexcept { return size_; }

 private:
  struct Entry {
    T state{};
    std::uint64_t told = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  [[nodiscard]] EventTime end_of(EventTime begin) const { return begin + rules_.length; }
  [[nodiscard]] bool is_gone(EventTime begin) const { return watermark_.has_reached(end_of(begin) + rules_.lateness); }

  /// Of those that would take the record.
  [[nodiscard]] std::size_t missing_windows(std::string_view key, EventTime time) const {
    const auto last = last_begin_of(time, rules_);
    std::size_t missing = 0;
    for (auto begin = first_begin_of(time, rules_); begin <= last; begin += rules_.step()) {
      if (is_gone(begin)) continue;
      const auto window = windows_.find(begin);
      if (window == windows_.end() || !window->second.contains(key)) ++missing;
    }
    return missing;
  }

  Entry& entry_of(std::string_view key, EventTime begin) {
    auto& entries = windows_[begin];
    if (const auto known = entries.find(key); known != entries.end()) return known->second;
    ++size_;
    if (const auto known = keys_.find(key); known != keys_.end()) {
      ++known->second;
    } else {
      keys_.emplace(key, 1);
    }
    return entries.try_emplace(std::string(key)).first->second;
  }

  template <class Tell>
  void tell_touched(Tell& tell) {
    for (const auto& [begin, key] : std::exchange(touched_, {})) {
      const auto window = windows_.find(begin);
      assert(window != windows_.end());
      const auto entry = window->second.find(key);
      assert(entry != window->second.end());
      tell_one(begin, *entry, tell);
    }
  }
  template <class Tell>
  void tell_all(typename std::map<EventTime, Entries>::value_type& window, Tell& tell) {
    for (auto& entry : window.second) tell_one(window.first, entry, tell);
  }
  template <class Tell>
  void tell_one(EventTime begin, typename Entries::value_type& entry, Tell& tell) {
    tell(Closed{{entry.first, begin, end_of(begin), entry.second.told++}, entry.second.state});
  }

  void forget_first() {
    assert(!windows_.empty() && windows_.begin()->second.size() <= size_);
    for (const auto& [key, entry] : windows_.begin()->second) {
      const auto known = keys_.find(key);
      assert(known != keys_.end());
      if (--known->second == 0) keys_.erase(known);
    }
    size_ -= windows_.begin()->second.size();
    windows_.erase(windows_.begin());
  }

  WindowRules rules_;
  Watermark watermark_;
  std::map<EventTime, Entries> windows_;                  ///< by their begin, which is also the order of their ends
  std::map<std::string, std::size_t, std::less<>> keys_;  ///< to how many windows are open of each
  std::set<std::pair<EventTime, std::string>> touched_;   ///< changed since they were told
  std::optional<EventTime> told_to_;                      ///< the watermark when windows were told last
  std::size_t size_ = 0;                                  ///< entries of all windows
};

}  // namespace skep
