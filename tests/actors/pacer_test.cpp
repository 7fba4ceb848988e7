#include "../../actors/src/pacer.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace {

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

TEST(PacerTest, KeepsSlicesNearTheirTime) {
  Pacer pacer;
  constexpr auto each = std::chrono::microseconds(20);
  for (int slice = 0; slice < 50; ++slice) pacer.measured(pacer.records(), each * pacer.records());
  const auto length = each * pacer.records();
  EXPECT_LE(length, full);
  EXPECT_GE(4 * length, full);
}

}  // namespace
}  // namespace skep
