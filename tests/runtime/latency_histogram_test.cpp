#include "bench/latency_histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

namespace skep::bench {
namespace latency_histogram_test {

using namespace std::chrono_literals;
using Duration = LatencyHistogram::Duration;

LatencyHistogram of(const std::vector<Duration>& values) {
  LatencyHistogram histogram;
  for (const auto value : values) histogram.add(value);
  return histogram;
}

/// Spread over all powers of two, as latencies are.
rc::Gen<Duration> any_latency() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, 42), rc::gen::inRange<std::int64_t>(0, 1 << 30)), [](auto both) {
        const auto [power, fraction] = both;
        return Duration(static_cast<std::int64_t>(std::ldexp(1.0 + static_cast<double>(fraction) / (1 << 30), power)));
      });
}

bool is_near(Duration got, Duration exact) {
  const auto difference = std::abs(static_cast<double>((got - exact).count()));
  return difference <= LatencyHistogram::error_max * static_cast<double>(exact.count());
}

TEST(LatencyHistogramTest, QuantilesAreWithinOnePercentOfTheSortedValues) {
  static_assert(LatencyHistogram::error_max < 0.01);
  EXPECT_TRUE(rc::check([] {
    auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<Duration>>(any_latency()));
    const auto share = *rc::gen::element(0.0, 0.5, 0.9, 0.99, 0.999, 1.0);
    const auto histogram = of(values);
    for (auto& value : values) value = std::clamp(value, LatencyHistogram::least, LatencyHistogram::most);
    std::ranges::sort(values);
    const auto rank =
        static_cast<std::size_t>(std::max(1.0, std::ceil(share * static_cast<double>(values.size()) - 1e-9)));
    RC_ASSERT(is_near(histogram.quantile(share).value(), values[rank - 1]));
    RC_ASSERT(histogram.max() == values.back());
    RC_ASSERT(histogram.min() == values.front());
  }));
}

TEST(LatencyHistogramTest, MergedItIsTheOneOfAllValues) {
  EXPECT_TRUE(rc::check([] {
    const auto first = *rc::gen::container<std::vector<Duration>>(any_latency());
    const auto second = *rc::gen::container<std::vector<Duration>>(any_latency());
    auto all = first;
    all.insert(all.end(), second.begin(), second.end());
    auto merged = of(first);
    merged += of(second);
    const auto whole = of(all);
    RC_ASSERT(merged.count() == whole.count());
    RC_ASSERT(merged.min() == whole.min());
    RC_ASSERT(merged.max() == whole.max());
    for (const double share : {0.0, 0.25, 0.5, 0.99, 1.0}) RC_ASSERT(merged.quantile(share) == whole.quantile(share));
  }));
}

TEST(LatencyHistogramTest, AQuantileOfNothingIsNone) {
  EXPECT_EQ(LatencyHistogram().quantile(0.5), std::nullopt);
  EXPECT_EQ(LatencyHistogram().mean(), 0ns);
}

TEST(LatencyHistogramTest, WhatNeverEndedIsAboveAllOthers) {
  const auto histogram = of(std::vector<Duration>(99, 1ms));
  EXPECT_TRUE(is_near(histogram.quantile(0.99, 1).value(), 1ms));
  EXPECT_EQ(histogram.quantile(0.999, 1), std::nullopt);
  EXPECT_EQ(LatencyHistogram().quantile(0.5, 3), std::nullopt);
}

TEST(LatencyHistogramTest, ValuesBeyondItsEndsCountAsThese) {
  const auto histogram = of({0ns, 25h});
  EXPECT_EQ(histogram.min(), 1us);
  EXPECT_EQ(histogram.max(), 1h);
  EXPECT_EQ(histogram.quantile(1.0), 1h);
}

TEST(LatencyHistogramTest, TheMeanIsExact) {
  EXPECT_EQ(of({1ms, 2ms, 6ms}).mean(), 3ms);
}

}  // namespace latency_histogram_test
}  // namespace skep::bench
