#include "skep/actors/watchdog.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

namespace skep {
namespace watchdog_test {

using namespace std::chrono_literals;
using Finding = Watchdog::Finding;
using Kind = Finding::Kind;

const Watchdog::Time start = Watchdog::Time{} + 1h;

TEST(WatchdogTest, NamesACallThatTakesLongerThanTheLimitOnce) {
  Watchdog watchdog(10s);
  const std::vector<CallInProgress> calls{{7, start}};
  EXPECT_TRUE(watchdog.look(calls, start + 10s).empty());
  EXPECT_EQ(watchdog.look(calls, start + 11s), (std::vector{Finding{Kind::stuck, 7, 11s, false}}));
  EXPECT_TRUE(watchdog.look(calls, start + 12s).empty());
  EXPECT_TRUE(watchdog.look(calls, start + 10h).empty());
}

TEST(WatchdogTest, TheLimitIsCallbackTimeMaxUnlessSet) {
  Watchdog watchdog;
  const std::vector<CallInProgress> calls{{7, start}};
  EXPECT_TRUE(watchdog.look(calls, start + limits::callback_time_max).empty());
  EXPECT_EQ(watchdog.look(calls, start + limits::callback_time_max + 1ns).size(), 1u);
}

TEST(WatchdogTest, ABeeMayHaveALimitOfItsOwn) {
  Watchdog watchdog(10s);
  const std::vector<CallInProgress> calls{{.bee = 1, .since = start, .time_max = 1s},
                                          {.bee = 2, .since = start, .time_max = 20s},
                                          {.bee = 3, .since = start, .time_max = 0s}};
  const auto found = watchdog.look(calls, start + 11s);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].bee, 1u);
  EXPECT_EQ(watchdog.look(calls, start + 10h).size(), 1u) << "zero is no limit";
}

TEST(WatchdogTest, ALimitOfZeroNamesNothing) {
  Watchdog watchdog(0s);
  EXPECT_TRUE(watchdog.look(std::vector<CallInProgress>{{7, start}}, start + 10h).empty());
}

TEST(WatchdogTest, SaysWhenANamedCallHasReturned) {
  Watchdog watchdog(10s);
  const std::vector<CallInProgress> calls{{7, start}};
  ASSERT_EQ(watchdog.look(calls, start + 11s).size(), 1u);
  ASSERT_TRUE(watchdog.look(calls, start + 15s).empty());
  EXPECT_EQ(watchdog.look({}, start + 16s), (std::vector{Finding{Kind::returned, 7, 15s, false}}));
  EXPECT_TRUE(watchdog.look({}, start + 17s).empty());
}

TEST(WatchdogTest, ANewCallOfTheSameBeeIsAnotherOne) {
  Watchdog watchdog(10s);
  const std::vector<CallInProgress> first{{7, start}};
  const std::vector<CallInProgress> second{{7, start + 20s}};
  ASSERT_EQ(watchdog.look(first, start + 11s).size(), 1u);
  const auto found = watchdog.look(second, start + 31s);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind, Kind::returned);
  EXPECT_EQ(found[1], (Finding{Kind::stuck, 7, 11s, false}));
}

TEST(WatchdogTest, ABeeInACallThatIsNewIsNotNamedAgain) {
  Watchdog watchdog(10s);
  ASSERT_EQ(watchdog.look(std::vector<CallInProgress>{{7, start}}, start + 11s).size(), 1u);
  const auto found = watchdog.look(std::vector<CallInProgress>{{7, start + 11s}}, start + 12s);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Kind::returned);
}

TEST(WatchdogTest, OnlyADedicatedBeeMayBeAbandoned) {
  Watchdog watchdog(10s);
  const std::vector<CallInProgress> calls{{1, start, Execution::shared}, {2, start, Execution::dedicated}};
  const auto found = watchdog.look(calls, start + 11s);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].may_be_abandoned);
  EXPECT_TRUE(found[1].may_be_abandoned);
}

TEST(WatchedTimeTest, RunsAsTheClockDoesWhileTheWatcherLooks) {
  WatchedTime time(500ms);
  for (int look = 0; look < 100; ++look) EXPECT_EQ(time.at(start + look * 500ms), start + look * 500ms);
}

TEST(WatchedTimeTest, OfAGapBetweenTwoLooksOnlySoMuchCounts) {
  WatchedTime time(500ms);
  EXPECT_EQ(time.at(start), start);
  EXPECT_EQ(time.at(start + 1h), start + 500ms);
  EXPECT_EQ(time.at(start + 1h + 200ms), start + 700ms);
  EXPECT_EQ(time.at(start + 2h), start + 1200ms);
}

TEST(WatchdogTest, ABeeIsNotNamedForTheTimeInWhichTheProcessWasStopped) {
  WatchedTime time(500ms);
  Watchdog watchdog(10s);
  const std::vector<CallInProgress> calls{{.bee = 7, .since = time.at(start), .execution = Execution::dedicated}};
  auto now = start + 1h;
  EXPECT_TRUE(watchdog.look(calls, time.at(now)).empty());
  for (int look = 1; look < 20; ++look) EXPECT_TRUE(watchdog.look(calls, time.at(now += 500ms)).empty()) << look;
  EXPECT_EQ(watchdog.look(calls, time.at(now += 500ms)).size(), 1u) << "but for the time after it";
}

TEST(WatchdogPropertyTest, EachLongCallIsNamedOnceAndOnlyThoseReturnThatWereNamed) {
  EXPECT_TRUE(rc::check([] {
    Watchdog watchdog(10s);
    std::map<std::uint64_t, Watchdog::Time> calls;
    std::set<std::pair<std::uint64_t, Watchdog::Time>> named;
    std::set<std::uint64_t> open;
    auto now = start;
    for (int step = 0; step < 50; ++step) {
      now += std::chrono::seconds(*rc::gen::inRange(1, 8));
      const auto bee = *rc::gen::inRange<std::uint64_t>(0, 4);
      const auto what = *rc::gen::inRange(0, 4);
      if (what == 0) calls.erase(bee);
      if (what == 1) calls[bee] = now;
      std::vector<CallInProgress> list;
      for (const auto& [each, since] : calls) list.push_back({each, since});
      for (const auto& finding : watchdog.look(list, now)) {
        if (finding.kind == Kind::returned) {
          RC_ASSERT(open.erase(finding.bee) == 1u);
        } else {
          RC_ASSERT(now - calls.at(finding.bee) > 10s);
          RC_ASSERT(named.emplace(finding.bee, calls.at(finding.bee)).second);
          RC_ASSERT(open.insert(finding.bee).second);
        }
      }
      for (const auto& [each, since] : calls) RC_ASSERT((now - since > 10s) == (open.count(each) != 0));
    }
  }));
}

}  // namespace watchdog_test
}  // namespace skep
