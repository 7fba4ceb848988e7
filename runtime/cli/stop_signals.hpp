#pragma once
// SIGTERM, SIGINT and SIGHUP as events. The first of the two that stop is waited for; the second ends the process at
// once, unless it comes together with the first: timeout(1) signals both the process and its group within a
// millisecond or so, and a wrapper may pass on a Ctrl-C that the terminal has told the group already. SIGHUP is only
// told.
//
// Lifetime: within that of what `Tell` uses. Threads: one of its own listens, and tells.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

struct signalfd_siginfo;

namespace skep::cli {

enum class Hangup : std::uint8_t {
  told,  ///< SIGHUP is an event, too
  ends,  ///< as the system has it: the process ends
};

/// Call before any other thread is there, so that all inherit the mask.
void block_stop_signals(Hangup hangup);

class StopSignals {
 public:
  enum class Event : std::uint8_t {
    stop,    ///< the first signal that stops
    again,   ///< a second one: the process ends after this was told
    hangup,  ///< SIGHUP
  };
  using Tell = std::function<void(Event event, const std::string& signal)>;

  /// Signals that came since they were blocked count.
  explicit StopSignals(Tell tell);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Whether the process was asked to stop, within `time_max` if given.
  [[nodiscard]] bool wait(std::optional<std::chrono::milliseconds> time_max) const;
  /// Of the first signal that stops, once `wait` has been true: "SIGTERM".
  [[nodiscard]] std::string name() const;

 private:
  /// The first signal that stops.
  struct Asked {
    std::chrono::steady_clock::time_point at;
    bool from_terminal = false;
  };

  void listen();
  void on_signal(const signalfd_siginfo& signal);
  [[nodiscard]] bool is_same_request(const signalfd_siginfo& signal) const;

  const Tell tell_;
  int signals_;   // signalfd
  int stopping_;  // eventfd: readable once asked to stop
  int ending_;    // eventfd: this object's end
  std::optional<Asked> asked_;
  std::atomic<int> number_{0};  ///< of the first signal that stops
  std::thread listener_;
};

}  // namespace skep::cli
