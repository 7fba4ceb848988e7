#pragma once
// Watches the tests of a swarm file from the side: real time, memory, and who asks the process to stop.
//
// The thread that runs a test, whose own time is virtual, may never come back from a bee, so another one watches it and
// says which bee that is. Lifetime: `calls`, `stop` and what `on_end` uses outlive it. Threads: `begin` and `end` from
// the one that runs tests.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "process_memory.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/runtime/memory_guard.hpp"
#include "stop_signals.hpp"

namespace skep::cli {

class TestWatch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::chrono::nanoseconds time_max{};  ///< of one test
    std::size_t memory_max = 0;           ///< of the process; 0: no budget
  };
  /// Why the tests end before the last.
  struct End {
    enum class Kind : std::uint8_t { failed, stopped };
    Kind kind;
    std::string why;
  };

  /// `on_end` is called on one of both threads, once, and does not return.
  TestWatch(Settings settings, BeeCalls& calls, const StopSignals& stop, std::function<void(const End&)> on_end);
  ~TestWatch();
  TestWatch(const TestWatch&) = delete;
  TestWatch& operator=(const TestWatch&) = delete;

  void begin();
  /// Neither this nor `begin` returns once the tests have to end.
  void end();

 private:
  void watch();
  void look(Clock::time_point now);
  void look_at_memory(Clock::time_point now);
  [[nodiscard]] std::string held_by(const std::vector<CallInProgress>& calls, Clock::time_point now) const;

  const Settings settings_;
  BeeCalls& calls_;
  const StopSignals& stop_;
  const std::function<void(const End&)> on_end_;
  MemoryGuard memory_;
  detail::ResidentMemory resident_;
  Clock::time_point memory_at_{};  ///< of the next look at the memory
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> until_;  ///< while a test runs
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace skep::cli
