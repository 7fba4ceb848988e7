#include "../../actors/src/pacer.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace pacer_test {

constexpr auto full = limits::slice_time;

TEST(PacerTest, TakesMoreWhileSlicesAreShortUpToTheLimit) {
  Pacer pacer;
  for (int slice = 0; slice < 20; ++slice) pacer.measured(pacer.records(), full / 100);
  EXPECT_EQ(pacer.records(), limits::slice_records_max);
}

TEST(PacerTest, DoesNotGrowOnSlicesThatWereNotFull) {
  Pacer pacer;
  const auto before = pacer.records();
  pacer.measured(before - 1, full / 100);
  EXPECT_EQ(pacer.records(), before);
}

TEST(PacerTest, HalvesAtMostForOneLongSlice) {
  Pacer pacer;
  const auto before = pacer.records();
  pacer.measured(before, full * 1000);
  EXPECT_EQ(pacer.records(), before / 2);
}

TEST(PacerTest, ASlowBeeComesDownToOneRecordASlice) {
  Pacer pacer;
  for (int slice = 0; slice < 20; ++slice) pacer.measured(pacer.records(), full * 50);
  EXPECT_EQ(pacer.records(), 1u);
}

TEST(PacerTest, TellsHowLongARecordTakesSmoothed) {
  Pacer pacer;
  EXPECT_EQ(pacer.pace(), 0u) << "not known";
  pacer.measured(10, std::chrono::microseconds(80));
  EXPECT_EQ(pacer.pace(), 8'000u);
  pacer.measured(10, std::chrono::microseconds(160));
  EXPECT_EQ(pacer.pace(), 9'000u);
  pacer.measured(1, std::chrono::hours(1));
  EXPECT_LE(pacer.pace(), 1u << 30) << "the longest that counts is 4.3 s, an eighth of it";
  pacer = {};
  pacer.measured(10, std::chrono::nanoseconds(0));
  EXPECT_EQ(pacer.pace(), 1u) << "known, on a clock that stands still";
}

TEST(PacerTest, KeepsSlicesNearTheirTime) {
  Pacer pacer;
  constexpr auto each = std::chrono::microseconds(20);
  for (int slice = 0; slice < 50; ++slice) pacer.measured(pacer.records(), each * pacer.records());
  const auto length = each * pacer.records();
  EXPECT_LE(length, full);
  EXPECT_GE(4 * length, full);
}

}  // namespace pacer_test
}  // namespace skep
