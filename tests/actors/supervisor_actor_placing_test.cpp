// Children that start when they are placed, and tables that change meanwhile: a swarm on several nodes.

#include <gmock/gmock.h>

#include "supervisor_actor_fixture.hpp"

namespace skep {
namespace supervisor_actor_placing_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SupervisorActorPlacingTest : public SupervisorActorTest {};

TEST_F(SupervisorActorPlacingTest, AChildThatStartsWhileItsNeighboursChangeHearsOfIt) {
  gateway_seen_.answers_start = false;
  const auto answer = begin(two_in_ten_seconds);
  ASSERT_EQ(gateway_seen_.tables.size(), 1u);
  household_->outdated = {front};
  tell(RenewTables{});
  settle();
  EXPECT_EQ(gateway_seen_.tables.size(), 1u) << "it is not up yet";
  let_gateway_start();
  EXPECT_TRUE(answer->ok);
  EXPECT_EQ(gateway_seen_.tables.size(), 2u) << "the table that it started with was outdated";
}

TEST_F(SupervisorActorPlacingTest, ATemporaryChildComesBackWhereItWasBefore) {
  auto specs = children();
  for (auto& spec : specs) spec.starts = false;
  for (auto& spec : specs) spec.restart = Restart::temporary;
  EXPECT_TRUE(begin(two_in_ten_seconds, specs)->ok);
  for (const bool here : {true, false, true}) {
    tell(PlaceChild{last, here});
    settle();
  }
  EXPECT_EQ(script(last).built, 2);
}

TEST_F(SupervisorActorPlacingTest, AChildStartsWhenItIsPlacedHereAndEndsWhenItIsPlacedElsewhere) {
  auto specs = children();
  for (auto& spec : specs) spec.starts = false;
  EXPECT_TRUE(begin(two_in_ten_seconds, specs)->ok) << "nothing has to start";
  EXPECT_THAT(order_, IsEmpty());
  for (const auto child : {first, last}) tell(PlaceChild{child, true});
  settle();
  EXPECT_THAT(order_, ElementsAre("first", "last")) << "as they were placed";
  send_in(1, 3);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3}));
  tell(PlaceChild{last, false});
  pass(1s);
  send_in(4, 4);
  EXPECT_EQ(at_sink_.numbers().size(), 3u) << "it is gone, and nobody starts it again";
  EXPECT_EQ(script(last).built, 1);
  tell(PlaceChild{last, true});
  settle();
  EXPECT_EQ(script(last).built, 2);
  send_in(5, 5);
  EXPECT_EQ(at_sink_.numbers().back(), 5);
}

}  // namespace supervisor_actor_placing_test
}  // namespace skep
