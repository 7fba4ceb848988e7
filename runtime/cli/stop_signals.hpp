#pragma once
// SIGTERM, SIGINT and SIGHUP as events. The first of the two that stop is waited for; the second ends the process at
// once, unless it comes together with the first: timeout(1), and a wrapper that passes Ctrl-C on, signal both the
// process and its group. SIGHUP has nothing to reload and is only logged.
//
// Lifetime: within the log's. Threads: one of its own listens.

#include <chrono>
#include <optional>
#include <thread>

#include "skep/runtime/log.hpp"

namespace skep::cli {

/// Call before any other thread is there, so that all inherit the mask.
void block_stop_signals();

class StopSignals {
 public:
  /// Signals that came since they were blocked count.
  explicit StopSignals(Log& log);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Whether the process was asked to stop, within `time_max` if given.
  [[nodiscard]] bool wait(std::optional<std::chrono::milliseconds> time_max) const;

 private:
  void listen();
  void on_signal(std::uint32_t number);

  Log& log_;
  int signals_;   // signalfd
  int stopping_;  // eventfd: readable once asked to stop
  int ending_;    // eventfd: this object's end
  std::optional<std::chrono::steady_clock::time_point> asked_;
  std::thread listener_;
};

}  // namespace skep::cli
