#pragma once
// What came of the tests of a swarm file, for people and for programs. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "testing/test_run.hpp"

namespace skep::cli {

struct TestOutcome {
  enum class Kind : std::uint8_t {
    ok,
    failed,
    stopped,  ///< it ran when the process was asked to stop
    not_run,
  };
  std::string name;
  SourcePosition position{};
  Kind kind = Kind::not_run;
  testing::TestResult result{};
};

enum class ShowLog : std::uint8_t { of_failed, of_all };

/// A line, and below it what went wrong:
///   FAILED  a door is counted (5s)
///     branch.toml:60:12: what came from gateway 'alarms' is not what was expected (-), but (+)
[[nodiscard]] std::string as_text(const std::string& file, const TestOutcome& outcome, ShowLog log);
/// "3 tests: 2 ok, 1 failed"
[[nodiscard]] std::string summary(const std::vector<TestOutcome>& outcomes);
/// One object, in one line.
[[nodiscard]] std::string as_json(const std::string& file, const std::vector<TestOutcome>& outcomes, ShowLog log);

}  // namespace skep::cli
