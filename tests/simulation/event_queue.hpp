#pragma once
// What will happen, in order of (time, number): equal times keep the order in which they were asked for.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "message.hpp"

namespace skep::simulation {

class EventQueue {
 public:
  [[nodiscard]] Time now() const noexcept { return now_; }
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] Time next_at() const noexcept { return heap_.front().at; }

  void at(Time when, Event event) {
    if (vacant_.empty()) {
      vacant_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const auto slot = vacant_.back();
    vacant_.pop_back();
    slots_[slot] = std::move(event);
    heap_.push_back({std::max(when, now_), number_++, slot});
    std::push_heap(heap_.begin(), heap_.end());
  }

  /// The next one; the time is then its time.
  [[nodiscard]] Event take() {
    std::pop_heap(heap_.begin(), heap_.end());
    const auto entry = heap_.back();
    heap_.pop_back();
    now_ = entry.at;
    vacant_.push_back(entry.slot);
    return std::exchange(slots_[entry.slot], {});
  }

 private:
  struct Entry {
    Time at;
    std::uint64_t number;
    std::uint32_t slot;
    /// std::push_heap keeps the greatest in front.
    friend bool operator<(const Entry& a, const Entry& b) noexcept {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };

  Time now_{};
  std::uint64_t number_ = 0;
  std::vector<Entry> heap_;
  std::vector<Event> slots_;
  std::vector<std::uint32_t> vacant_;
};

}  // namespace skep::simulation
