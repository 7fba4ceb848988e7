#include "skep/actors/meter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>
#include <thread>

namespace skep {
namespace meter_test {

using namespace std::chrono_literals;

TEST(MeterTest, ABucketHoldsWhatIsAtMostItsBoundAndMoreThanTheOneBefore) {
  EXPECT_TRUE(rc::check([](std::uint64_t value) {
    const auto bucket = DurationHistogram::bucket_of(value);
    if (bucket + 1 < 26) RC_ASSERT(value <= DurationHistogram::bound(bucket));
    if (bucket > 0) RC_ASSERT(value > DurationHistogram::bound(bucket - 1));
  }));
  EXPECT_EQ(DurationHistogram::bucket_of(0), 0u);
  EXPECT_EQ(DurationHistogram::bucket_of(1024), 0u);
  EXPECT_EQ(DurationHistogram::bucket_of(1025), 1u);
  EXPECT_EQ(SizeHistogram::bucket_of(1), 0u);
  EXPECT_EQ(SizeHistogram::bucket_of(2), 1u);
  EXPECT_EQ(SizeHistogram::bucket_of(3), 2u);
  EXPECT_EQ(SizeHistogram::bucket_of(4096), 12u);
  EXPECT_EQ(SizeHistogram::bucket_of(4097), 13u);
}

TEST(MeterTest, AHistogramKeepsCountAndSum) {
  DurationHistogram histogram;
  histogram.observe(3us, 2);
  histogram.observe(1h);
  histogram.observe(-5ns);
  const auto values = histogram.values();
  EXPECT_EQ(values.count(), 4u);
  EXPECT_EQ(values.sum, 2 * 3'000u + 3'600'000'000'000u);
  EXPECT_EQ(values.buckets[DurationHistogram::bucket_of(3'000)], 2u);
  EXPECT_EQ(values.buckets.back(), 1u) << "above the last bound";
  EXPECT_EQ(values.buckets.front(), 1u) << "a clock that ran backwards counts as nothing";
}

TEST(MeterTest, HistogramsAdd) {
  SizeHistogram one, other;
  one.observe(1);
  other.observe(1);
  other.observe(100);
  auto sum = one.values();
  sum += other.values();
  EXPECT_EQ(sum.count(), 3u);
  EXPECT_EQ(sum.sum, 102u);
}

TEST(MeterTest, CountersAddFieldByField) {
  BeeCounters one;
  constexpr std::size_t fields = sizeof one / sizeof(std::uint64_t);
  std::array<std::uint64_t, fields> numbers;
  std::iota(numbers.begin(), numbers.end(), 1);
  one = std::bit_cast<BeeCounters>(numbers);
  auto sum = one;
  sum += one;
  const auto doubled = std::bit_cast<std::array<std::uint64_t, fields>>(sum);
  for (std::size_t i = 0; i < fields; ++i) EXPECT_EQ(doubled[i], 2 * numbers[i]) << "field " << i;
}

TEST(MeterTest, WhatIsPublishedIsReadByAnotherThread) {
  Published<BeeCounters> published;
  std::thread writer([&] {
    for (std::uint64_t i = 0; i <= 100'000; ++i) published.set({.received = i, .bytes = 10 * i});
  });
  std::uint64_t last = 0;
  while (last < 100'000) {
    const auto seen = published.get().received;
    ASSERT_GE(seen, last) << "a counter fell";
    last = seen;
  }
  writer.join();
  EXPECT_EQ(published.get().bytes, 1'000'000u);
}

}  // namespace meter_test
}  // namespace skep
