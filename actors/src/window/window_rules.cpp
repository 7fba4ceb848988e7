#include "window_rules.hpp"

#include <algorithm>
#include <cstdint>

namespace skep {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t time_most = std::int64_t{1} << 62;

/// Towards the past, also before the epoch.
nanoseconds floored(nanoseconds time, nanoseconds step) {
  const auto rest = time % step;
  return time - rest - (rest.count() < 0 ? step : nanoseconds(0));
}

}  // namespace

std::size_t WindowRules::windows_of_one() const noexcept {
  return static_cast<std::size_t>((length.count() + step().count() - 1) / step().count());
}

bool in_range_of_windows(EventTime time) noexcept {
  const auto count = time.time_since_epoch().count();
  return count > -time_most && count < time_most;
}

EventTime last_begin_of(EventTime time, const WindowRules& rules) noexcept {
  return EventTime(floored(time.time_since_epoch(), rules.step()));
}

EventTime first_begin_of(EventTime time, const WindowRules& rules) noexcept {
  return EventTime(floored(time.time_since_epoch() - rules.length, rules.step()) + rules.step());
}

void Watermark::note(EventTime time, ClockTime now) noexcept {
  highest_ = highest_ ? std::max(*highest_, time) : time;
  last_ = now;
  advance(now);
}

void Watermark::advance(ClockTime now) noexcept {
  if (!highest_) return;
  auto reached = *highest_ - out_of_order_;
  if (idle_.count() > 0) reached += std::max(now - last_ - idle_, nanoseconds(0));
  value_ = value_ ? std::max(*value_, reached) : reached;
}

std::optional<ClockTime> Watermark::due(EventTime time) const noexcept {
  if (!highest_ || idle_.count() == 0) return std::nullopt;
  const auto missing = time - (*highest_ - out_of_order_);
  return last_ + idle_ + std::max(missing, nanoseconds(0));
}

}  // namespace skep
