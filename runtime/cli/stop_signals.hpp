#pragma once
// SIGTERM, SIGINT and SIGHUP as events. The first of the two that stop is waited for; the second ends the process at
// once, unless it comes together with the first: timeout(1) signals both the process and its group within a
// millisecond or so, and a wrapper may pass on a Ctrl-C that the terminal has told the group already. SIGHUP has
// nothing to reload and is only logged.
//
// Lifetime: within the log's. Threads: one of its own listens.

#include <chrono>
#include <optional>
#include <thread>

#include "skep/runtime/log.hpp"

struct signalfd_siginfo;

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
  /// The first signal that stops.
  struct Asked {
    std::chrono::steady_clock::time_point at;
    bool from_terminal = false;
  };

  void listen();
  void on_signal(const signalfd_siginfo& signal);
  [[nodiscard]] bool is_same_request(const signalfd_siginfo& signal) const;

  Log& log_;
  int signals_;   // signalfd
  int stopping_;  // eventfd: readable once asked to stop
  int ending_;    // eventfd: this object's end
  std::optional<Asked> asked_;
  std::thread listener_;
};

}  // namespace skep::cli
