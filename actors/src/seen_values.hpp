#pragma once
// Values that have been seen within a time, so many at most: then the oldest is forgotten. Pure.

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace skep {

class SeenValues {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SeenValues(std::chrono::nanoseconds within, std::size_t values_max) : within_(within), values_max_(values_max) {}

  /// Whether `value` has not been seen within the time before `now`; then it is seen now.
  [[nodiscard]] bool is_new(std::string_view value, Time now);
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

 private:
  struct Seen {
    const std::string* value;
    Time at;
  };

  void forget_oldest();

  std::chrono::nanoseconds within_;
  std::size_t values_max_;
  std::set<std::string, std::less<>> values_;  ///< no hash: clients choose them
  std::deque<Seen> by_age_;
};

}  // namespace skep
