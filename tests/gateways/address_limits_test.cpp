#include "address_limits.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <deque>
#include <map>

namespace skep {
namespace address_limits_test {

using namespace std::chrono_literals;
using Time = AddressLimits::Time;
using Verdict = AddressLimits::Verdict;

const Time start(1000s);
const auto ann = network_of(0x0a000001), ben = network_of(0x0a000002);

TEST(AddressLimitsTest, OneAddressHasSoManyConnections) {
  AddressLimits limits({.sessions_max = limits::address_sessions_max});
  for (std::uint32_t i = 0; i < limits::address_sessions_max; ++i)
    ASSERT_EQ(limits.arrive(ann, start), Verdict::welcome);
  EXPECT_EQ(limits.arrive(ann, start), Verdict::too_many);
  EXPECT_EQ(limits.arrive(ben, start), Verdict::welcome);
  limits.leave(ann, start);
  EXPECT_EQ(limits.arrive(ann, start), Verdict::welcome);
  EXPECT_EQ(limits.arrive(ann, start), Verdict::too_many);
}

TEST(AddressLimitsTest, OneAddressOpensThemAtARateAfterABurst) {
  AddressLimits limits({.rate = limits::address_rate, .burst = limits::address_burst});
  for (std::uint32_t i = 0; i < limits::address_burst; ++i) ASSERT_EQ(limits.arrive(ann, start), Verdict::welcome) << i;
  EXPECT_EQ(limits.arrive(ann, start), Verdict::too_fast);
  EXPECT_EQ(limits.arrive(ben, start), Verdict::welcome);
  EXPECT_EQ(limits.arrive(ann, start + 49ms), Verdict::too_fast);
  EXPECT_EQ(limits.arrive(ann, start + 50ms), Verdict::welcome);
  EXPECT_EQ(limits.arrive(ann, start + 50ms), Verdict::too_fast);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(limits.arrive(ann, start + 1050ms), Verdict::welcome) << i;
  EXPECT_EQ(limits.arrive(ann, start + 1050ms), Verdict::too_fast);
  for (std::uint32_t i = 0; i < limits::address_burst; ++i) {
    ASSERT_EQ(limits.arrive(ann, start + 1h), Verdict::welcome) << i;
  }
  EXPECT_EQ(limits.arrive(ann, start + 1h), Verdict::too_fast);
}

TEST(AddressLimitsTest, SoManyWrongTokensAreLookedAtInAPeriod) {
  AddressLimits limits({.wrong_tokens_max = limits::wrong_tokens_max});
  ASSERT_EQ(limits.arrive(ann, start), Verdict::welcome);
  for (std::uint32_t i = 0; i < limits::wrong_tokens_max; ++i) {
    ASSERT_TRUE(limits.may_try(ann, start));
    limits.wrong_token(ann, start + std::chrono::seconds(i));
  }
  EXPECT_FALSE(limits.may_try(ann, start + 30s));
  EXPECT_TRUE(limits.may_try(ben, start + 30s));
  limits.leave(ann, start + 30s);
  EXPECT_FALSE(limits.may_try(ann, start + limits::wrong_tokens_period - 1ns));
  EXPECT_TRUE(limits.may_try(ann, start + limits::wrong_tokens_period));
}

TEST(AddressLimitsTest, WithoutLimitsEverybodyIsWelcomeAndNobodyRemembered) {
  AddressLimits limits({});
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(limits.arrive(ann, start), Verdict::welcome);
  for (int i = 0; i < 1000; ++i) limits.leave(ann, start);
  EXPECT_TRUE(limits.may_try(ann, start));
  EXPECT_EQ(limits.remembered(), 0u);
}

TEST(AddressLimitsTest, RemembersNoMoreThanALimitAndThoseWithConnections) {
  AddressLimits limits({.rate = 1, .burst = 1});
  for (std::uint32_t i = 0; i < limits::addresses_max + 1000; ++i) {
    ASSERT_EQ(limits.arrive(network_of(i), start), Verdict::welcome);
    if (i >= 10) limits.leave(network_of(i), start);
  }
  EXPECT_EQ(limits.remembered(), limits::addresses_max + 10);
  EXPECT_EQ(limits.arrive(network_of(5), start), Verdict::too_fast);
  EXPECT_EQ(limits.arrive(network_of(11), start), Verdict::welcome);  // forgotten
  EXPECT_EQ(limits.arrive(network_of(static_cast<std::uint32_t>(limits::addresses_max) + 999), start),
            Verdict::too_fast);
  EXPECT_EQ(limits.arrive(ann, start + 1min), Verdict::welcome);  // nobody else matters any more
  EXPECT_EQ(limits.remembered(), 12u);
}

TEST(AddressLimitsTest, AnAddressOfIpv6CountsWithItsNeighbours) {
  std::array<std::uint8_t, 16> one{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9}, near = one, far = one;
  near[15] = 7;
  far[7] = 2;
  EXPECT_EQ(network_of(one), network_of(near));
  EXPECT_NE(network_of(one), network_of(far));
  const std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
  EXPECT_EQ(network_of(mapped), ann);
  const std::array<std::uint8_t, 16> low{0, 0, 0, 0, 0x0a, 0, 0, 1};
  EXPECT_NE(network_of(low), ann);
}

/// Against the rule in its plainest form: of every window of time, so many at the most.
TEST(AddressLimitsTest, NoWindowOfTimeHasMoreThanBurstAndRate) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint16_t>& gaps_ms) {
    constexpr std::uint32_t rate = 5, burst = 3;
    AddressLimits limits({.rate = rate, .burst = burst});
    std::vector<Time> welcome;
    auto now = start;
    for (const auto gap : gaps_ms) {
      now += std::chrono::milliseconds(gap % 400);
      if (limits.arrive(ann, now) == Verdict::welcome) welcome.push_back(now);
    }
    for (std::size_t i = 0; i < welcome.size(); ++i) {
      for (std::size_t j = i; j < welcome.size(); ++j) {
        const std::chrono::duration<double> window = welcome[j] - welcome[i];
        RC_ASSERT(static_cast<double>(j - i + 1) <= burst + window.count() * rate + 1e-9);
      }
    }
  }));
}

/// Those who come and go in any order are counted as a plain table counts them.
TEST(AddressLimitsTest, CountsAsAPlainTableDoes) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, bool>>& steps) {
    AddressLimits limits({.sessions_max = 3});
    std::map<std::uint8_t, std::uint32_t> open;
    for (const auto& [who, comes] : steps) {
      auto& its = open[who % 4];
      const auto network = network_of(who % 4);
      if (comes) {
        const auto verdict = limits.arrive(network, start);
        RC_ASSERT(verdict == (its < 3 ? Verdict::welcome : Verdict::too_many));
        its += verdict == Verdict::welcome ? 1 : 0;
      } else if (its > 0) {
        --its;
        limits.leave(network, start);
      }
    }
    std::size_t with_sessions = 0;
    for (const auto& [who, count] : open) with_sessions += count > 0 ? 1 : 0;
    RC_ASSERT(limits.remembered() == with_sessions);
  }));
}

}  // namespace address_limits_test
}  // namespace skep
