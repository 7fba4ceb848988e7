#pragma once
// Windows over event time, and the mark that says how far a stream has come: which windows a time belongs to, and when
// one is over.
//
// Windows are aligned to the epoch: tumbling ones are as far apart as they are long, sliding ones overlap. The
// watermark is the highest event time seen, less `out_of_order`: no record before it is waited for. While none comes,
// event time is taken to go on as the clock does, `idle` behind; so a stream that falls silent ends its windows, too.
// It never goes back. The words are those of the Dataflow model (Akidau et al., VLDB 2015) and of Flink: "Generating
// Watermarks" (bounded out-of-orderness, idleness) and "Windows" (allowed lateness).
//
// Pure: times are given. Threads: none of its own.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "skep/serialization/record.hpp"

namespace skep {

using ClockTime = std::chrono::steady_clock::time_point;

struct WindowRules {
  std::chrono::nanoseconds length = std::chrono::minutes(1);
  std::chrono::nanoseconds slide{0};  ///< from one begin to the next; 0: `length`, which is tumbling
  std::chrono::nanoseconds out_of_order{0};
  std::chrono::nanoseconds lateness{0};                          ///< beyond its end that a window still takes records
  std::chrono::nanoseconds idle{0};                              ///< 0: only records move the watermark
  std::chrono::nanoseconds ahead_max = std::chrono::minutes(1);  ///< of this machine's clock
  std::size_t keys_max = 1;
  std::size_t windows_max = 1;  ///< of all keys

  [[nodiscard]] std::chrono::nanoseconds step() const noexcept { return slide.count() > 0 ? slide : length; }
  /// Of one time, at most.
  [[nodiscard]] std::size_t windows_of_one() const noexcept;
};

/// One telling of one window.
struct WindowName {
  std::string_view key;
  EventTime begin, end;
  std::uint64_t revision = 0;  ///< 0, and one more each time it is told again
};

/// Times that windows take: 146 years around the epoch, so that nothing near them overflows.
[[nodiscard]] bool in_range_of_windows(EventTime time) noexcept;

/// The begin of the last window that `time` is in; earlier ones are `step()` apart.
[[nodiscard]] EventTime last_begin_of(EventTime time, const WindowRules& rules) noexcept;
/// The begin of the first one.
[[nodiscard]] EventTime first_begin_of(EventTime time, const WindowRules& rules) noexcept;

class Watermark {
 public:
  explicit Watermark(const WindowRules& rules) noexcept : out_of_order_(rules.out_of_order), idle_(rules.idle) {}

  /// A record of event time `time`, at `now`.
  void note(EventTime time, ClockTime now) noexcept;
  /// Moves it to where it is at `now`.
  void advance(ClockTime now) noexcept;
  /// Nothing before the first record.
  [[nodiscard]] std::optional<EventTime> value() const noexcept { return value_; }
  [[nodiscard]] bool has_reached(EventTime time) const noexcept { return value_ && *value_ >= time; }
  /// When it will have reached `time` if no further record comes; nothing: never.
  [[nodiscard]] std::optional<ClockTime> due(EventTime time) const noexcept;

 private:
  std::chrono::nanoseconds out_of_order_, idle_;
  std::optional<EventTime> value_;
  std::optional<EventTime> highest_;  ///< seen
  ClockTime last_{};                  ///< when the last record came
};

}  // namespace skep
