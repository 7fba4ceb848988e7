#pragma once
// Runs one test of a swarm file: a swarm of its own, on virtual time, in the calling thread.
//
// It ends at the first step that does not go as expected. Nothing passes by not being looked at: what is left when all
// steps are done, an answer, an error, a record that went out or a dead letter, is a failure too. What would come later
// is not waited for. Threads: one; a bee that does not return holds it.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/runtime/lint.hpp"
#include "skep/runtime/swarm_test.hpp"
#include "skep/testing/swarm_harness.hpp"
#include "testing/test_log.hpp"

namespace skep::testing {

struct TestProblem {
  SourcePosition position{};
  std::string message;
  std::vector<std::string> lines{};  ///< what was expected and what came
};

struct TestResult {
  std::vector<TestProblem> problems;
  std::chrono::nanoseconds time{};  ///< virtual
  TestLog::Lines log;
  [[nodiscard]] bool ok() const noexcept { return problems.empty(); }
};

struct TestRunSettings {
  BeeCalls* calls = nullptr;  ///< where bees show their calls, for who watches from another thread
  TestLog* log = nullptr;     ///< emptied at the begin; the result has its lines, too
  std::uint64_t messages_max = limits::test_messages_max;
};

/// `plan` is of the file that the test stands in, and what it was checked with outlives the call. Throws nothing but
/// std::bad_alloc.
[[nodiscard]] TestResult run_test(const SwarmTest& test, SwarmPlan plan, const TestRunSettings& settings = {});

}  // namespace skep::testing
