#include "skep/gateways/payload_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace skep {
namespace payload_budget_test {

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

TEST(PayloadBudgetTest, BuffersHaveAShareOfItAndRequestsTheRest) {
  static_assert(limits::buffers_percent_max == 50);
  PayloadBudget budget(100);
  budget.resize_buffers(0, 30);
  EXPECT_TRUE(budget.buffers_fit(0, 20));
  EXPECT_FALSE(budget.buffers_fit(0, 21));
  EXPECT_TRUE(budget.buffers_fit(30, 29)) << "less always fits";
  budget.resize_buffers(0, 20);
  EXPECT_FALSE(budget.buffers_have_room(30));
  EXPECT_TRUE(budget.fits(50));
  EXPECT_FALSE(budget.fits(51));
  EXPECT_TRUE(budget.fits(70, 20)) << "its own buffers turn into the request";
  budget.take(50);
  EXPECT_FALSE(budget.has_room());
  EXPECT_TRUE(budget.has_room(20));
  budget.resize_buffers(30, 0);
  EXPECT_TRUE(budget.buffers_have_room(0));
  EXPECT_EQ(budget.used(), 70u);
}

TEST(PayloadBudgetTest, BuffersOfOneThatIsAlonePassAndKeepOutNoRequest) {
  PayloadBudget budget(100);
  EXPECT_TRUE(budget.buffers_fit(0, 1000));
  budget.resize_buffers(0, 1000);
  EXPECT_TRUE(budget.buffers_fit(1000, 2000));
  EXPECT_FALSE(budget.buffers_fit(0, 1));
  EXPECT_TRUE(budget.has_room());
  EXPECT_TRUE(budget.fits(50));
}

TEST(PayloadBudgetTest, BuffersHaveWhatOpenRequestsLeave) {
  PayloadBudget budget(100);
  budget.resize_buffers(0, 5);
  budget.take(90);
  EXPECT_TRUE(budget.buffers_fit(0, 5));
  EXPECT_FALSE(budget.buffers_fit(0, 6));
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

}  // namespace payload_budget_test
}  // namespace skep
