#include "skep/actors/wall_clock.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace wall_clock_test {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

TEST(WallClockTest, ShowsTheGivenTimeOfDayWhenItsClockIsAtZero) {
  const EventTime noon = std::chrono::sys_days{std::chrono::year{2031} / 3 / 4} + 12h;
  const WallClock clock{noon};
  EXPECT_EQ(clock.at(Steady::time_point{}), noon);
  EXPECT_EQ(clock.at(Steady::time_point(90min)), noon + 90min);
}

TEST(WallClockTest, IsOtherwiseTheMachinesAndRunsWithTheGivenClock) {
  const WallClock clock;
  const auto before = std::chrono::system_clock::now();
  const auto shown = clock.at(Steady::now() + 1h);
  EXPECT_GE(shown, before + 1h - 1min);
  EXPECT_LE(shown, std::chrono::system_clock::now() + 1h + 1min);
}

}  // namespace wall_clock_test
}  // namespace skep
