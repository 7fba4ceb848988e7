#include "skep/runtime/memory_guard.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "skep/runtime/limits.hpp"

namespace skep {
namespace memory_guard_test {

using Decision = MemoryGuard::Decision;

TEST(MemoryGuardTest, ShedsAt85PercentAndExitsAt95) {
  MemoryGuard guard(1000);
  EXPECT_EQ(guard.look(849), Decision::run);
  EXPECT_EQ(guard.look(850), Decision::shed);
  EXPECT_EQ(guard.look(949), Decision::shed);
  EXPECT_EQ(guard.look(950), Decision::exit);
}

TEST(MemoryGuardTest, TheMarksAreTheLimits) {
  MemoryGuard guard(100);
  EXPECT_EQ(guard.look(limits::memory_shed_percent - 1), Decision::run);
  EXPECT_EQ(guard.look(limits::memory_shed_percent), Decision::shed);
  EXPECT_EQ(guard.look(limits::memory_resume_percent), Decision::shed);
  EXPECT_EQ(guard.look(limits::memory_resume_percent - 1), Decision::run);
  EXPECT_EQ(guard.look(limits::memory_exit_percent), Decision::exit);
}

TEST(MemoryGuardTest, ShedsUntilUseIsWellBelowWhereItBegan) {
  MemoryGuard guard(1000);
  ASSERT_EQ(guard.look(850), Decision::shed);
  EXPECT_EQ(guard.look(849), Decision::shed);
  EXPECT_EQ(guard.look(800), Decision::shed);
  EXPECT_EQ(guard.look(799), Decision::run);
  EXPECT_EQ(guard.look(849), Decision::run);
}

TEST(MemoryGuardTest, AnExitIsNotTakenBack) {
  MemoryGuard guard(1000);
  ASSERT_EQ(guard.look(990), Decision::exit);
  EXPECT_EQ(guard.look(1), Decision::exit);
}

TEST(MemoryGuardTest, WithoutABudgetItAlwaysRuns) {
  MemoryGuard guard(0);
  EXPECT_EQ(guard.look(std::numeric_limits<std::size_t>::max()), Decision::run);
}

TEST(MemoryGuardTest, BudgetsOfAnySizeDoNotOverflow) {
  constexpr auto most = std::numeric_limits<std::size_t>::max();
  MemoryGuard guard(most);
  EXPECT_EQ(guard.look(most / 100 * 84), Decision::run);
  EXPECT_EQ(guard.look(most / 100 * 86), Decision::shed);
  EXPECT_EQ(guard.look(most / 100 * 96), Decision::exit);
}

TEST(MemoryGuardTest, TheReasonHasTheFigures) {
  MemoryGuard guard(std::size_t{1} << 30);
  guard.look(std::size_t{961} << 20);
  EXPECT_EQ(guard.reason(), "memory: 961MiB of 1GiB in use (93 %)");
}

TEST(MemoryGuardTest, TheReasonHasTheBudgetAsItWasGiven) {
  MemoryGuard guard(100'000'001);
  guard.look(99'000'000);
  EXPECT_EQ(guard.reason(), "memory: 94MiB of 100000001B in use (98 %)");
}

TEST(MemoryGuardTest, LooksTheMoreOftenTheCloserTheNextMark) {
  constexpr std::size_t gibibyte = std::size_t{1} << 30;
  MemoryGuard guard(100 * gibibyte);
  ASSERT_EQ(guard.look(gibibyte), Decision::run);
  EXPECT_EQ(guard.next_look(), limits::memory_look_time_max);
  ASSERT_EQ(guard.look(84 * gibibyte + gibibyte / 2), Decision::run);
  EXPECT_EQ(guard.next_look(), std::chrono::milliseconds(250)) << "half a GiB at memory_rise_max";
  ASSERT_EQ(guard.look(85 * gibibyte - 1), Decision::run);
  EXPECT_EQ(guard.next_look(), limits::memory_look_time_min);
  ASSERT_EQ(guard.look(86 * gibibyte), Decision::shed);
  EXPECT_EQ(guard.next_look(), limits::memory_look_time_max) << "the next mark is where it exits";
  ASSERT_EQ(guard.look(95 * gibibyte - 1), Decision::shed);
  EXPECT_EQ(guard.next_look(), limits::memory_look_time_min);
}

TEST(MemoryGuardTest, WithoutABudgetItHardlyLooks) {
  MemoryGuard guard(0);
  guard.look(1u << 30);
  EXPECT_EQ(guard.next_look(), limits::memory_look_time_max);
}

/// Whatever the budget from 256 MiB, a bee that fills 1 GiB a second is met between both marks.
TEST(MemoryGuardTest, ABeeThatFillsAGibibyteASecondIsMetBetweenTheMarks) {
  for (const std::size_t mebibytes : {256, 300, 512, 1000, 4096, 100'000}) {
    MemoryGuard guard(mebibytes << 20);
    std::size_t used = mebibytes << 17;  // an eighth
    while (guard.look(used) == Decision::run) used += static_cast<std::size_t>(guard.next_look().count()) * (1 << 20);
    EXPECT_EQ(guard.decision(), Decision::shed) << mebibytes;
  }
}

TEST(MemoryGuardTest, NeverChangesItsMindWithoutCrossingAMark) {
  std::mt19937 random(7);
  MemoryGuard guard(1000);
  auto before = guard.decision();
  for (int i = 0; i < 10'000; ++i) {
    const auto used = random() % 950;
    const auto now = guard.look(used);
    if (before == Decision::run && now == Decision::shed) {
      EXPECT_GE(used, 850u);
    }
    if (before == Decision::shed && now == Decision::run) {
      EXPECT_LT(used, 800u);
    }
    if (used >= 850) {
      EXPECT_EQ(now, Decision::shed);
    }
    if (used < 800) {
      EXPECT_EQ(now, Decision::run);
    }
    before = now;
  }
}

TEST(MemoryGuardTest, WhatWasFreedIsGivenBackBeforeTooMuchIsBelieved) {
  constexpr std::size_t shed = 10 * limits::memory_shed_percent, resume = 10 * limits::memory_resume_percent;
  MemoryGuard guard(1000);
  const MemoryGuard::Time start{std::chrono::hours(1)};
  EXPECT_FALSE(guard.should_trim(shed - 1, start));
  EXPECT_TRUE(guard.should_trim(shed, start));
  EXPECT_FALSE(guard.should_trim(shed, start + limits::memory_trim_time - std::chrono::nanoseconds(1)));
  EXPECT_TRUE(guard.should_trim(shed, start + limits::memory_trim_time));
  EXPECT_EQ(guard.look(shed), MemoryGuard::Decision::shed);
  EXPECT_FALSE(guard.should_trim(resume - 1, start + 2 * limits::memory_trim_time));
  EXPECT_TRUE(guard.should_trim(resume, start + 2 * limits::memory_trim_time));
  EXPECT_FALSE(MemoryGuard(0).should_trim(1u << 30, start));
}

}  // namespace memory_guard_test
}  // namespace skep
