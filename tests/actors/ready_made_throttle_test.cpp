#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../../actors/src/token_buckets.hpp"
#include "actors/option_values.hpp"
#include "actors/timed_records.hpp"
#include "skep/actors/limits.hpp"

namespace skep::testing {
namespace ready_made_throttle_test {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Verdict = TokenBuckets::Verdict;

OptionValue two_a_second() {
  return table({{"rate", option(2)}, {"burst", option(3)}});
}

BeeHarnessBase start(const OptionValue& options = two_a_second()) {
  return {ready_made(), "skep.throttle", options};
}

void send_raw(BeeHarnessBase& bee, int count, std::string_view key = "k") {
  for (int i = 0; i < count; ++i) bee.send(make_record(Payload::raw("x")).with_key(key));
}

TEST(ReadyMadeThrottleTest, PassesABurstThenItsRate) {
  auto bee = start();
  send_raw(bee, 10);
  EXPECT_THAT(bee.emitted(), SizeIs(3));
  bee.advance(499ms);
  send_raw(bee, 1);
  EXPECT_THAT(bee.emitted(), SizeIs(3));
  bee.advance(1ms);
  send_raw(bee, 2);
  EXPECT_THAT(bee.emitted(), SizeIs(4));
  bee.advance(1h);
  send_raw(bee, 10);
  EXPECT_THAT(bee.emitted(), SizeIs(7)) << "a pause makes no more than a burst";
}

TEST(ReadyMadeThrottleTest, TellsClientsOfDroppedRecordsWhy) {
  auto bee = start();
  send_raw(bee, 4);
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_EQ(bee.drops().front().message, "more than 2 a second (rate), and 3 at once (burst)");
}

TEST(ReadyMadeThrottleTest, GivesEachKeyARateWhereAsked) {
  auto bee = start(with(two_a_second(), "per_key", option(true)));
  send_raw(bee, 4, "a");
  send_raw(bee, 2, "b");
  EXPECT_THAT(bee.emitted(), SizeIs(5));
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_THAT(bee.drops().front().message, HasSubstr("a second of its key"));
}

TEST(ReadyMadeThrottleTest, BoundsItsKeysAndForgetsQuietOnes) {
  auto bee = start(with(with(two_a_second(), "per_key", option(true)), "keys_max", option(2)));
  for (const auto* key : {"a", "b", "c"}) send_raw(bee, 1, key);
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_THAT(bee.drops().front().message, HasSubstr("2 keys are throttled already (keys_max)"));
  bee.advance(500ms);
  send_raw(bee, 1, "c");
  EXPECT_THAT(bee.emitted(), SizeIs(3));
}

TEST(ReadyMadeThrottleTest, SendsTheOthersToAPortWhereAsked) {
  auto bee = start(with(two_a_second(), "otherwise", option("rejected")));
  send_raw(bee, 4);
  EXPECT_THAT(bee.emitted("rejected"), SizeIs(1));
  EXPECT_THAT(bee.drops(), IsEmpty());
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::rejected);
}

TEST(ReadyMadeThrottleTest, FindsMistakesInItsOptionsAtTheirPlace) {
  const auto bees = ready_made();
  const auto* throttle = bees.find("skep.throttle");
  const auto found = throttle->configure(table({{"rate", option(2)}, {"keys_max", option(5)}}), {9, 1}).problems;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().message, "'keys_max' says nothing without per_key = true");
  EXPECT_EQ(found.front().position.line, 11u);
  EXPECT_THAT(throttle->configure(table({{"rate", option(0)}}), {9, 1}).problems, SizeIs(1));
  EXPECT_THAT(throttle->configure(table({}), {9, 1}).problems, SizeIs(1));
}

TEST(TokenBucketsTest, ReachTheirLargestNumbersWithoutOverflow) {
  TokenBuckets slow({0.001, static_cast<std::uint64_t>(limits::throttle_burst_max), 1});
  TokenBuckets::Time now{24h * 365 * 30};
  for (std::int64_t i = 0; i < limits::throttle_burst_max; ++i) ASSERT_EQ(slow.take("", now), Verdict::passed);
  EXPECT_EQ(slow.take("", now), Verdict::over_rate);
  EXPECT_EQ(slow.take("", now + 1000s), Verdict::passed);
  EXPECT_EQ(slow.take("", now + 1000s), Verdict::over_rate);
  TokenBuckets fast({static_cast<double>(limits::throttle_rate_max), 1, 1});
  EXPECT_EQ(fast.take("", now), Verdict::passed);
  EXPECT_EQ(fast.take("", now + 999ns), Verdict::over_rate);
  EXPECT_EQ(fast.take("", now + 1us), Verdict::passed);
}

TEST(TokenBucketsTest, AFullBucketBehindOneThatIsNotHasNoMoreThanItsBurst) {
  TokenBuckets buckets({10, 5, 2});
  const TokenBuckets::Time begin{1h};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(buckets.take("a", begin), Verdict::passed);
  EXPECT_EQ(buckets.take("b", begin), Verdict::passed);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(buckets.take("b", begin + 400ms), Verdict::passed);
  EXPECT_EQ(buckets.take("b", begin + 400ms), Verdict::over_rate);
}

/// In no span of time more than the burst and what the rate gives for the span; and who keeps to the rate is passed.
TEST(TokenBucketsTest, PassNoMoreThanRateAndBurstAndAllThatKeepsToThem) {
  EXPECT_TRUE(rc::check("any arrivals", [] {
    const auto burst = *rc::gen::inRange<std::uint64_t>(1, 6);
    TokenBuckets buckets({10, burst, 3});
    struct Key {
      std::vector<TokenBuckets::Time> passed;
      double tokens;
      TokenBuckets::Time at;
    };
    TokenBuckets::Time now{1h};
    std::vector<Key> keys(3, Key{{}, static_cast<double>(burst), now});
    const auto count = *rc::gen::inRange(0, 300);
    for (int i = 0; i < count; ++i) {
      now += std::chrono::milliseconds(std::max(*rc::gen::inRange(-40, 15), 0) * 10);
      const auto which = *rc::gen::inRange<std::size_t>(0, keys.size());
      auto& key = keys[which];
      const auto refilled = key.tokens + std::chrono::duration<double>(now - key.at).count() * 10;
      key.tokens = std::min(static_cast<double>(burst), refilled);
      key.at = now;
      const bool has_token = key.tokens > 1 - 1e-9;
      RC_ASSERT(buckets.take(std::to_string(which), now) == (has_token ? Verdict::passed : Verdict::over_rate));
      if (!has_token) continue;
      key.tokens -= 1;
      key.passed.push_back(now);
    }
    for (const auto& [passed, tokens, at] : keys) {
      for (std::size_t first = 0; first < passed.size(); ++first) {
        for (auto last = first; last < passed.size(); ++last) {
          const auto most = burst + static_cast<std::uint64_t>((passed[last] - passed[first]) / 100ms);
          RC_ASSERT(last - first + 1 <= most);
        }
      }
    }
  }));
}

}  // namespace ready_made_throttle_test
}  // namespace skep::testing
