#include <gmock/gmock.h>

#include <algorithm>

#include "lint_fixture.hpp"
#include "skep/actors/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace lint_supervision_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LintSupervisionTest : public LintTest {};

TEST_F(LintSupervisionTest, PlansHaveTheSupervisionOfTheFile) {
  const auto plan =
      run("[supervision]\nstrategy = \"one_for_all\"\nintensity = 3\n[dead_letters]\nrecords_max = 9\n" + chain).plan;
  EXPECT_EQ(plan.supervision.strategy, Strategy::one_for_all);
  EXPECT_EQ(plan.supervision.intensity, 3u);
  EXPECT_EQ(plan.dead_letters.records_max, 9u);
}

TEST_F(LintSupervisionTest, AnIntensityThatTheDelaysNeverReachIsWarnedOf) {
  // Restarts 0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 11.3, 16.3, 21.3 and 26.3 s after the first failure: 11 within 30 s.
  EXPECT_THAT(problems("[supervision]\nintensity = 10\n" + chain), IsEmpty());
  EXPECT_THAT(problems("[supervision]\nintensity = 11\n" + chain),
              ElementsAre(HasSubstr("s.toml:3:13: warning: a bee that never starts would be tried for ever: with the "
                                    "delay between restarts no more than 11 fall into 30s")));
  EXPECT_THAT(problems("[supervision]\nintensity = 1\nperiod = \"100ms\"\n" + chain), IsEmpty());
  EXPECT_THAT(problems("[supervision]\nintensity = 1\nperiod = \"99ms\"\n" + chain),
              ElementsAre(HasSubstr("no more than 1 fall into 99ms")));
}

TEST_F(LintSupervisionTest, SupervisionBuiltInCodeIsCheckedToo) {
  auto spec = parse_swarm("name = \"s\"\n" + chain, "s.toml", {}).spec;
  spec.file.clear();
  EXPECT_TRUE(lint(spec, bees_, gateways_).ok());
  spec.supervision.period = std::chrono::nanoseconds(0);
  spec.supervision.intensity = limits::restart_intensity_max + 1;
  const auto result = lint(spec, bees_, gateways_);
  EXPECT_EQ(std::ranges::count(result.problems, Problem::Severity::error, &Problem::severity), 2);
}

}  // namespace lint_supervision_test
}  // namespace skep
