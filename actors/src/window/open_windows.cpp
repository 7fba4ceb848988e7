#include "open_windows.hpp"

namespace skep {

EventTime event_time_of(const Record& record, const BeeContext& context) {
  const auto time = record.header().event_time;
  return time == EventTime{} ? context.wall_clock() : time;
}

void refuse(WindowVerdict verdict, Record record, const WindowOptions& options, Port late, Outbox& out) {
  switch (verdict) {
    case WindowVerdict::taken:
      return;
    case WindowVerdict::late:
      return out.reject(late, std::move(record), "too late for its window (out_of_order, lateness)");
    case WindowVerdict::ahead:
      return out.drop(
          record, "its event time is more than " + to_string(options.ahead_max) + " ahead of the clock (ahead_max)");
    case WindowVerdict::out_of_range:
      return out.drop(record, "its event time is more than 146 years from 1970");
    case WindowVerdict::keys_full:
      return out.drop(record, "windows of " + std::to_string(options.keys_max) + " keys are open (keys_max)");
    case WindowVerdict::windows_full:
      return out.drop(record, std::to_string(options.windows_max) + " windows are open (windows_max)");
  }
}

}  // namespace skep
