#pragma once
// Real time for a test, whose own time is virtual: says which bee it is that does not return.
//
// The thread that runs a test may never come back from a bee, so another one watches it. Lifetime: `calls` and what
// `on_late` uses outlive it. Threads: `begin` and `end` from the one that runs tests.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "skep/actors/bee_calls.hpp"

namespace skep::cli {

class TestDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// `on_late` is called on a thread of its own, with what takes so long. It does not return.
  TestDeadline(std::chrono::nanoseconds time_max, BeeCalls& calls, std::function<void(const std::string& why)> on_late);
  ~TestDeadline();
  TestDeadline(const TestDeadline&) = delete;
  TestDeadline& operator=(const TestDeadline&) = delete;

  void begin();
  /// Does not return either where the time is over: somebody has said so.
  void end();

 private:
  void watch();
  [[nodiscard]] std::string why(const std::vector<CallInProgress>& calls, Clock::time_point now) const;

  const std::chrono::nanoseconds time_max_;
  BeeCalls& calls_;
  const std::function<void(const std::string&)> on_late_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> until_;  ///< while a test runs
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace skep::cli
