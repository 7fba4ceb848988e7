// What clients hear of records that leave along a side port.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "runtime/harness_bees.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {
namespace side_output_test {

using ::testing::HasSubstr;

const std::string door = R"(
name = "side"
[gateways.door]
type    = "tcp"
listen  = "127.0.0.1:9001"
answers = "last"
)";

/// Passes `{"x": 1}`.
const std::string filter = R"(
[bees.filter]
class   = "skep.filter"
from    = "door"
options = { field = "$.x", equals = 1, otherwise = "rejected" }
)";

/// The client of a record that the filter rejects gets it back, once.
void expect_answered_once(const std::string& text) {
  SwarmHarness swarm(text, bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("door").request(R"({"x": 2})").text(), R"({"x": 2})");
  EXPECT_EQ(swarm.gateway("door").counters().orphaned, 0u);
}

TEST(SideOutputTest, AFilterTellsTheClientAtOnce) {
  SwarmHarness swarm(door + filter + R"(
[bees.last]
class = "test.echo"
from  = "filter"
[bees.audit]
class = "skep.log"
from  = "filter.rejected"
)",
                     bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto begin = swarm.now();
  const auto reply = swarm.gateway("door").request(R"({"x": 2})");
  EXPECT_EQ(reply.failure().code, errc::rejected);
  EXPECT_THAT(reply.failure().message, HasSubstr("$.x"));
  EXPECT_EQ(swarm.now(), begin);
  EXPECT_THAT(swarm.log().back().text, HasSubstr(R"({"x": 2})"));  // the record itself went on
  EXPECT_EQ(swarm.gateway("door").request(R"({"x": 1})").text(), R"({"x": 1})");
}

TEST(SideOutputTest, WhereTheSideBranchLeadsToTheAnswerItGivesIt) {
  expect_answered_once(door + filter + R"(
[bees.other]
class = "test.echo"
from  = "filter.rejected"
[bees.last]
class = "test.echo"
from  = ["filter", "other"]
)");
}

TEST(SideOutputTest, ASidePortThatAnswersAnswers) {
  auto text = door;
  text.replace(text.find("last"), 4, "filter.rejected");
  expect_answered_once(text + filter);
}

TEST(SideOutputTest, OnABranchWithoutAnswersClientsHearNothing) {
  expect_answered_once(door + filter + R"(
[bees.last]
class = "test.echo"
from  = "door"
[bees.few]
class = "skep.log"
from  = "filter"
[bees.audit]
class = "skep.log"
from  = "filter.rejected"
)");
}

}  // namespace side_output_test
}  // namespace skep::testing
