#include "skep/actors/bee_calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skep {
namespace bee_calls_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const BeeCalls::Time start = BeeCalls::Time{} + 1h;

struct Watched final : WatchedBee {
  explicit Watched(std::string its_name) : name(std::move(its_name)) {}
  std::string watched_name() const override { return name; }
  void on_abandoned(const std::string& why) override { told.push_back(why); }

  std::string name;
  std::vector<std::string> told;
};

TEST(CallMarkTest, IsOddInsideACallAndAnotherNumberInEach) {
  CallMark mark;
  EXPECT_EQ(mark.count() % 2, 0u);
  {
    const CallMark::Inside inside(mark);
    const auto first = mark.count();
    EXPECT_EQ(first % 2, 1u);
    mark.next();
    EXPECT_EQ(mark.count() % 2, 1u);
    EXPECT_NE(mark.count(), first);
  }
  EXPECT_EQ(mark.count() % 2, 0u);
}

TEST(BeeCallsTest, ACallCountsFromTheFirstLookThatSawIt) {
  BeeCalls calls;
  CallMark mark;
  Watched watched("a");
  const BeeCalls::Entry entry(calls, calls.add(watched, mark));
  EXPECT_THAT(calls.look(start), IsEmpty());
  const CallMark::Inside inside(mark);
  EXPECT_EQ(calls.look(start + 1s).at(0).since, start + 1s);
  EXPECT_EQ(calls.look(start + 5s).at(0).since, start + 1s);
}

TEST(BeeCallsTest, AnotherCallStartsAnew) {
  BeeCalls calls;
  CallMark mark;
  Watched watched("a");
  const BeeCalls::Entry entry(calls, calls.add(watched, mark));
  {
    const CallMark::Inside inside(mark);
    ASSERT_EQ(calls.look(start).size(), 1u);
    mark.next();
    EXPECT_EQ(calls.look(start + 1s).at(0).since, start + 1s);
  }
  EXPECT_THAT(calls.look(start + 2s), IsEmpty());
  const CallMark::Inside again(mark);
  EXPECT_EQ(calls.look(start + 3s).at(0).since, start + 3s);
}

TEST(BeeCallsTest, TellsWhatTheBeeIs) {
  BeeCalls calls;
  CallMark mark;
  Watched watched("a");
  const auto bee = calls.add(watched, mark, {Execution::dedicated, 5s});
  const CallMark::Inside inside(mark);
  const auto call = calls.look(start).at(0);
  EXPECT_EQ(call.bee, bee);
  EXPECT_EQ(call.execution, Execution::dedicated);
  EXPECT_EQ(call.time_max, 5s);
  EXPECT_EQ(calls.name(bee), "a");
  calls.remove(bee);
  EXPECT_EQ(calls.name(bee), "");
  EXPECT_THAT(calls.look(start), IsEmpty());
}

TEST(BeeCallsTest, ABeeIsAbandonedOnceAndNotOnceItHasLeft) {
  BeeCalls calls;
  CallMark mark;
  Watched watched("a");
  const auto bee = calls.add(watched, mark);
  calls.abandon(bee, "first");
  calls.abandon(bee, "second");
  EXPECT_THAT(watched.told, ElementsAre("first"));
  calls.remove(bee);
  calls.abandon(bee, "third");
  EXPECT_EQ(watched.told.size(), 1u);
}

TEST(BeeCallsTest, WhatIsLeftIsNamedAndCounted) {
  BeeCalls calls;
  CallMark mark;
  EXPECT_EQ(calls.left().count, 0u);
  Watched a("a"), b("b");
  const auto first = calls.add(a, mark);
  const BeeCalls::Entry second(calls, calls.add(b, mark));
  calls.abandon(first, "");
  EXPECT_EQ(calls.left().count, 2u);
  EXPECT_EQ(calls.left().names, "a, b");
  EXPECT_FALSE(calls.left().all_abandoned);
  calls.remove(first);
  EXPECT_EQ(calls.left().names, "b");
}

}  // namespace bee_calls_test
}  // namespace skep
