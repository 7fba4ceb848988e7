#include "skep/gateways/payload_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace skep {
namespace {

TEST(PayloadBudgetTest, WhatFitsIsTakenAndGivenBack) {
  PayloadBudget budget(100);
  EXPECT_TRUE(budget.fits(100));
  budget.take(60);
  EXPECT_TRUE(budget.fits(40));
  EXPECT_FALSE(budget.fits(41));
  EXPECT_TRUE(budget.has_room());
  budget.take(40);
  EXPECT_FALSE(budget.has_room());
  EXPECT_FALSE(budget.fits(1));
  budget.give_back(60);
  EXPECT_TRUE(budget.has_room());
  EXPECT_EQ(budget.used(), 40u);
}

TEST(PayloadBudgetTest, OneAboveTheWholeBudgetPassesAlone) {
  PayloadBudget budget(100);
  EXPECT_TRUE(budget.fits(1000));
  budget.take(1000);
  EXPECT_FALSE(budget.fits(0));
  EXPECT_FALSE(budget.has_room());
  budget.give_back(1000);
  budget.take(1);
  EXPECT_FALSE(budget.fits(1000));
}

TEST(PayloadBudgetTest, ZeroIsNoBudget) {
  PayloadBudget budget(0);
  budget.take(1u << 30);
  EXPECT_TRUE(budget.fits(1u << 30));
  EXPECT_TRUE(budget.has_room());
}

/// Whatever comes and goes, what is taken stays within the budget, but for one that is alone in it.
TEST(PayloadBudgetTest, HoldsForAnyOrderOfRequests) {
  constexpr std::size_t most = 1000;
  std::mt19937 random(3);
  PayloadBudget budget(most);
  std::vector<std::size_t> held;
  for (int step = 0; step < 100'000; ++step) {
    const std::size_t bytes = random() % 1200;
    if (random() % 2 == 0 && budget.fits(bytes)) {
      budget.take(bytes);
      held.push_back(bytes);
    } else if (!held.empty()) {
      const auto at = random() % held.size();
      budget.give_back(held[at]);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    }
    std::size_t sum = 0, largest = 0;
    for (const auto each : held) {
      sum += each;
      largest = std::max(largest, each);
    }
    ASSERT_EQ(budget.used(), sum);
    ASSERT_TRUE(sum <= most || sum == largest) << sum;
  }
}

}  // namespace
}  // namespace skep
