#pragma once
// Lines for the log about what strangers do, who may do it as often as they like: one an interval. Pure.
//
// The first one goes at once. Of those that come within the interval the last one goes when that is over, and says how
// many are left out.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace skep {

class PacedLines {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit PacedLines(std::chrono::nanoseconds interval) : interval_(interval) {}

  /// What is to be logged now, of this and what is due.
  [[nodiscard]] std::optional<std::string> add(std::string line, Time now);
  /// What is due.
  [[nodiscard]] std::optional<std::string> take(Time now);
  /// What waits, due or not: for an end.
  [[nodiscard]] std::optional<std::string> flush(Time now);
  /// Nothing waits.
  [[nodiscard]] std::optional<Time> due() const noexcept;

 private:
  std::chrono::nanoseconds interval_;
  std::optional<Time> next_;    ///< no line before; none was there yet
  std::string waiting_;         ///< the last one
  std::uint64_t left_out_ = 0;  ///< that one included
};

}  // namespace skep
