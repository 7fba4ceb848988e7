#include "../../actors/src/slice_mean.hpp"

#include <gtest/gtest.h>

#include "skep/actors/limits.hpp"

namespace skep {
namespace slice_mean_test {

using namespace std::chrono_literals;

constexpr auto brief = limits::inline_time_max;

TEST(SliceMeanTest, ComesDownToBriefAfterSome180SlicesOfNoTime) {
  SliceMean mean(2 * brief);
  int slices = 0;
  for (; mean.get() > brief; ++slices) mean.add(0ns);
  EXPECT_GE(slices, 170);
  EXPECT_LE(slices, 190);
}

TEST(SliceMeanTest, FollowsSlicesThatAreAllAlike) {
  SliceMean mean(2 * brief);
  for (int slice = 0; slice < 5000; ++slice) mean.add(3us);
  EXPECT_NEAR(mean.get().count(), 3000.0f, 1.0f);
}

TEST(SliceMeanTest, ABeeThatNowAndThenTakesLongIsNeverBrief) {
  SliceMean mean(2 * brief);
  mean.add(5ms);
  for (int slice = 0; slice < 10'000; ++slice) {
    mean.add(slice % 100 == 99 ? 5ms : 1us);
    ASSERT_GT(mean.get(), brief) << "slice " << slice;
  }
}

TEST(SliceMeanTest, TheLongerASliceTheLaterItIsForgotten) {
  const auto forgotten_after = [](std::chrono::nanoseconds slice) {
    SliceMean mean(0ns);
    mean.add(slice);
    int slices = 0;
    for (; mean.get() > brief; ++slices) mean.add(0ns);
    return slices;
  };
  EXPECT_EQ(forgotten_after(1ms), 0) << "once: less than brief, over 256";
  EXPECT_GT(forgotten_after(100ms), 500);
  EXPECT_GT(forgotten_after(10s), 1500);
}

}  // namespace slice_mean_test
}  // namespace skep
