#include "skep/actors/inline_runs.hpp"

#include <caf/event_based_actor.hpp>

#include "bee_actor_fixture.hpp"

namespace skep {
namespace inline_runs_test {

using namespace std::chrono_literals;

class InlineRunsTest : public BeeActorFixture {
 protected:
  void run(std::chrono::nanoseconds inline_time_max) {
    auto its = settings();
    its.inline_time_max = inline_time_max;
    BeeActorFixture::run(std::move(its));
  }
  void work(int slices) {
    for (int slice = 0; slice < slices; ++slice) give({record(slice)});
  }
  static bool runs_inline(const caf::actor& actor) {
    return may_run_inline(dynamic_cast<caf::resumable&>(*caf::actor_cast<caf::abstract_actor*>(actor)));
  }
};

// Slices are measured in real time: only bounds far from what they take are certain.

TEST_F(InlineRunsTest, ABeeRunsInlineOnceItsSlicesHaveBeenSeenToBeShort) {
  run(1h);
  work(10);
  EXPECT_FALSE(runs_inline(bee_));
  work(190);
  EXPECT_TRUE(runs_inline(bee_));
}

TEST_F(InlineRunsTest, NotABeeWhoseSlicesAreLonger) {
  run(1ns);
  work(3000);
  EXPECT_FALSE(runs_inline(bee_));
}

TEST_F(InlineRunsTest, NoBeeWhereThereIsNoTimeForThem) {
  run(0ns);
  work(200);
  EXPECT_FALSE(runs_inline(bee_));
}

TEST_F(InlineRunsTest, NoOtherActor) {
  run(1h);
  work(200);
  EXPECT_FALSE(runs_inline(sink_));
}

}  // namespace inline_runs_test
}  // namespace skep
