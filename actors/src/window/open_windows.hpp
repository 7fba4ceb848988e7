#pragma once
// What bees of windows have in common: a WindowSet on the bee's own clock, with one timer, and what becomes of records
// that it does not take.

#include <algorithm>
#include <optional>

#include "skep/actors/bee.hpp"
#include "window_options.hpp"
#include "window_set.hpp"

namespace skep {

/// A record without an event time has that of its arrival here.
[[nodiscard]] EventTime event_time_of(const Record& record, const BeeContext& context);
/// Tells what `verdict` has against `record`, which is late (on port `late`), or dropped.
void refuse(WindowVerdict verdict, Record record, const WindowOptions& options, Port late, Outbox& out);

template <class T>
class OpenWindows {
 public:
  using Closed = typename WindowSet<T>::Closed;

  explicit OpenWindows(const WindowOptions& options) : options_(options), set_(options.rules()) {}

  void start(BeeContext& context) { context_ = &context; }
  [[nodiscard]] BeeContext& context() const { return *context_; }

  /// False: it has been refused.
  [[nodiscard]] bool admit(const Record& record, Port late, Outbox& out) const {
    const auto verdict = set_.judge(record.key(), event_time_of(record, *context_), context_->wall_clock());
    if (verdict != WindowVerdict::taken) refuse(verdict, record, options_, late, out);
    return verdict == WindowVerdict::taken;
  }
  template <class Add, class Tell>
  void put(const Record& record, Add&& add, Tell&& tell) {
    const auto now = context_->now();
    set_.put(record.key(), event_time_of(record, *context_), now, add);
    close(now, tell);
  }
  template <class Tell>
  void on_timer(Tell&& tell) {
    timer_.reset();
    close(context_->now(), tell);
  }
  template <class Tell>
  void stop(Tell&& tell) {
    set_.close_all(tell);
  }

 private:
  template <class Tell>
  void close(ClockTime now, Tell& tell) {
    set_.close(now, tell);
    const auto due = set_.due();
    if (!due || (timer_ && timer_due_ <= *due)) return;  // an earlier one finds the next
    if (timer_) context_->cancel_timer(*timer_);
    timer_ = context_->start_timer(std::max(*due - now, timer_delay_min));
    timer_due_ = *due;
  }

  static constexpr std::chrono::nanoseconds timer_delay_min = std::chrono::milliseconds(1);

  WindowOptions options_;
  WindowSet<T> set_;
  BeeContext* context_ = nullptr;
  std::optional<TimerId> timer_;
  ClockTime timer_due_{};
};

}  // namespace skep
