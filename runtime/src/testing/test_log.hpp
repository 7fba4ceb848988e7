#pragma once
// The newest lines of one test's log, for whoever tells what came of it.
//
// Not the swarm's own: where a bee never returns, its log is all that there is to see of the test, and another thread
// shows it. Threads: any.

#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <vector>

#include "skep/runtime/limits.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {

class TestLog {
 public:
  struct Lines {
    std::vector<SwarmHarness::LogLine> newest{};  ///< limits::test_log_lines_max at most
    std::uint64_t lost = 0;                       ///< before them
  };

  void add(LogLevel level, std::string_view source, std::string_view text);
  void clear();
  [[nodiscard]] Lines lines() const;

 private:
  mutable std::mutex mutex_;
  std::deque<SwarmHarness::LogLine> newest_;
  std::uint64_t lost_ = 0;
};

}  // namespace skep::testing
