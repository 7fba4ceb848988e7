#include "bench/rate_search.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace skep::bench {
namespace rate_search_test {

struct Found {
  std::optional<double> best;
  std::vector<double> tried;
};

/// Searches a target that bears `capacity`.
Found search(double capacity, RateSearch::Settings settings = {}) {
  RateSearch search(settings);
  Found found;
  while (const auto rate = search.next()) {
    found.tried.push_back(*rate);
    search.tried(*rate <= capacity);
  }
  found.best = search.best();
  return found;
}

TEST(RateSearchTest, DoublesThenHalvesTheGap) {
  const auto found = search(450, {.precision = 0.2});
  EXPECT_EQ(found.tried, (std::vector<double>{100, 200, 400, 800, 600, 500, 450}));
  EXPECT_EQ(found.best, 450);
}

TEST(RateSearchTest, HalvesWhereTheFirstIsTooHigh) {
  const auto found = search(30, {.precision = 0.5});
  EXPECT_EQ(found.tried, (std::vector<double>{100, 50, 25, 37.5}));
  EXPECT_EQ(found.best, 25);
}

TEST(RateSearchTest, EndsAtTheLeastAndTheGreatestRate) {
  EXPECT_EQ(search(0, {.first = 4, .min = 1}).tried, (std::vector<double>{4, 2, 1}));
  EXPECT_EQ(search(0, {.first = 4, .min = 1}).best, std::nullopt);
  EXPECT_EQ(search(1e9, {.first = 3, .max = 10}).tried, (std::vector<double>{3, 6, 10}));
  EXPECT_EQ(search(1e9, {.first = 3, .max = 10}).best, 10);
}

TEST(RateSearchTest, WhateverTheTargetBearsIsFoundAsNearAsAskedFor) {
  EXPECT_TRUE(rc::check([] {
    const double capacity = *rc::gen::inRange(1, 1'000'000);
    const double first = *rc::gen::inRange(1, 1'000'000);
    const auto found = search(capacity, {.first = first});
    RC_ASSERT(found.best.has_value());
    RC_ASSERT(*found.best <= capacity);
    RC_ASSERT(*found.best * 1.05 >= capacity * 0.9999);
    RC_ASSERT(found.tried.size() <= limits::bench_rates_max);
  }));
}

/// A target may answer as it likes: noise must not make it search for ever, or say that what failed held.
TEST(RateSearchTest, EndsAfterBenchRatesMaxWhateverItIsTold) {
  EXPECT_TRUE(rc::check([] {
    RateSearch search({});
    std::vector<double> held;
    std::size_t tries = 0;
    for (; search.next(); ++tries) {
      const bool holds = *rc::gen::arbitrary<bool>();
      if (holds) held.push_back(*search.next());
      search.tried(holds);
    }
    RC_ASSERT(tries <= limits::bench_rates_max);
    RC_ASSERT(search.best().has_value() == !held.empty());
    if (search.best()) RC_ASSERT(std::ranges::count(held, *search.best()) > 0);
  }));
}

}  // namespace rate_search_test
}  // namespace skep::bench
