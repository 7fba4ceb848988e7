// Replicas of an edge that are out of reach for a while: on a node whose link is down, or not placed yet.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <utility>
#include <vector>

#include "out_edge_replicas.hpp"

namespace skep {
namespace out_edge_reach_test {

using test::Numbers;
using test::Replicas;

TEST(OutEdgeReachTest, WhatIsForAReplicaOutOfReachWaits) {
  for (const auto delivery : {Delivery::at_most_once, Delivery::at_least_once}) {
    Replicas to({.window = 3, .delivery = delivery}, 1, 100);
    to.push(1);
    to.flush();
    const auto there = to.placements_[0];
    to.placements_[0] = {{}, OutEdge::Reach::away};
    EXPECT_TRUE(to.rewire().empty());
    EXPECT_TRUE(to.push(2).empty());
    EXPECT_FALSE(to.edge_.sendable()) << "or its bee would try for ever";
    to.flush();
    to.push(3);
    to.push(4);
    EXPECT_TRUE(to.edge_.blocked());
    EXPECT_EQ(to.got_[0], Numbers{1});
    to.placements_[0] = {there.epoch, OutEdge::Reach::again};
    to.rewire();
    to.edge_.hurry();
    to.flush();
    while (to.holds_any()) to.accept_all();
    EXPECT_EQ(to.got_[0], (Numbers{1, 2, 3, 4})) << "what it has had it does not take twice";
    EXPECT_TRUE(to.edge_.idle());
  }
}

TEST(OutEdgeReachTest, WhatWasLostBeforeItCameInReachGoesAgain) {
  Replicas to({.delivery = Delivery::at_least_once}, 1, 100);
  to.push(1);
  to.push(2);
  to.flush_lossily();
  to.placements_[0] = {to.placements_[0].epoch, OutEdge::Reach::again};
  to.rewire();
  to.flush();
  EXPECT_EQ(to.got_[0], (Numbers{1, 2}));
  Replicas once({}, 1, 100);
  once.push(1);
  once.flush_lossily();
  once.placements_[0] = {once.placements_[0].epoch, OutEdge::Reach::again};
  once.rewire();
  once.push(2);
  once.edge_.hurry();
  once.flush();
  once.accept_all();
  EXPECT_EQ(once.got_[0], Numbers{2});
  EXPECT_EQ(once.edge_.lost(), 1u) << "counted under at_most_once";
  EXPECT_TRUE(once.edge_.idle());
}

TEST(OutEdgeReachTest, OutOfReachIsNoDeath) {
  Replicas to({.delivery = Delivery::at_least_once, .deaths_max = 1}, 1, 100);
  to.replace(0);  // from now on one by one
  to.push(1);
  for (int i = 0; i < 3; ++i) {
    to.flush();
    to.placements_[0] = {to.placements_[0].epoch, OutEdge::Reach::again};
    EXPECT_TRUE(to.rewire().empty()) << i;
  }
}

TEST(OutEdgeReachTest, GoesRoundAReplicaOutOfReachIfItCan) {
  for (const auto route : {Route::any, Route::all}) {
    Replicas to({.route = route}, 2, 100);
    to.placements_[1] = {{}, OutEdge::Reach::away};
    to.rewire();
    for (std::uint64_t i = 1; i <= 20; ++i) to.push(i);
    to.flush();
    EXPECT_EQ(to.got_[0].size(), 20u);
    EXPECT_EQ(to.edge_.waiting(), 0u);
  }
  Replicas keyed({.route = Route::key}, 2, 100);
  keyed.placements_[1] = {{}, OutEdge::Reach::away};
  keyed.rewire();
  for (std::uint64_t i = 1; i <= 20; ++i) EXPECT_TRUE(keyed.push(i, std::to_string(i)).empty());
  keyed.flush();
  EXPECT_EQ(keyed.got_[0].size() + keyed.edge_.waiting(), 20u) << "its keys wait";
  EXPECT_GT(keyed.edge_.waiting(), 0u);
}

/// Two replicas, the second of which has done one of its records, has had others, and has some waiting: 1 to 3 of ten.
class OutEdgeHandsOverTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t count = 10;

  OutEdgeHandsOverTest() : to_({.window = 3, .delivery = Delivery::at_least_once, .hands_over = true}, 2, 100) {
    for (std::uint64_t i = 1; i <= count; ++i) to_.push(i);
    to_.flush();
    to_.accept(1, 1);
    had_ = to_.got_[1];
  }
  Numbers to(OutEdge::Placement placement) {
    to_.placements_[1] = placement;
    return to_.rewire();
  }
  void finish(std::uint32_t replica) {
    to_.flush();
    while (to_.edge_.sendable() || !to_.idle(replica)) to_.accept_all_of(replica);
  }
  [[nodiscard]] Numbers all_got() const {
    auto all = to_.got_[0];
    all.insert(all.end(), to_.got_[1].begin(), to_.got_[1].end());
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());  // clang 14 has no ranges::unique
    return all;
  }

  Replicas to_;
  Numbers had_;
};

TEST_F(OutEdgeHandsOverTest, WhatAReplicaThatIsAwayHasNotDoneGoesToAnother) {
  ASSERT_GE(had_.size(), 2u);
  EXPECT_TRUE(to({{}, OutEdge::Reach::away}).empty());
  finish(0);
  EXPECT_EQ(to_.done_.size(), count) << "each is told once";
  EXPECT_TRUE(to_.edge_.idle()) << "nobody waits for the other one";
  EXPECT_FALSE(to_.edge_.blocked());
  EXPECT_EQ(all_got().size(), count);
  EXPECT_EQ(to_.got_[0].size() + had_.size(), count + had_.size() - 1) << "what was done goes nowhere";
}

TEST_F(OutEdgeHandsOverTest, OneThatDrainsIsLeftWhatItHas) {
  to({{}, OutEdge::Reach::draining});
  to_.push(count + 1);
  finish(0);
  EXPECT_FALSE(to_.edge_.idle());
  EXPECT_LT(to_.done_.size(), count + 1);
  to_.accept_all_of(1);
  const auto by_both = to_.done_.size();
  EXPECT_TRUE(to({{}, OutEdge::Reach::away}).empty());
  finish(0);
  EXPECT_EQ(to_.done_.size(), count + 1);
  EXPECT_EQ(to_.got_[0].size() + to_.got_[1].size(), count + 1) << by_both << " were done before: none goes twice";
}

TEST_F(OutEdgeHandsOverTest, AnotherPlacementIsSentNothingOfIt) {
  const auto there = to_.placements_[1];
  to({{}, OutEdge::Reach::away});
  finish(0);
  to_.got_[1].clear();
  to_.placements_[1] = there;
  to_.replace(1);
  to_.flush();
  EXPECT_EQ(to_.got_[1], Numbers{});
  for (std::uint64_t i = 1; i <= count; ++i) to_.push(count + i);
  to_.flush();
  while (to_.holds_any()) to_.accept_all();
  EXPECT_FALSE(to_.got_[1].empty()) << "it is one of two again";
  EXPECT_EQ(to_.done_.size(), 2 * count);
  EXPECT_TRUE(to_.edge_.idle());
}

TEST_F(OutEdgeHandsOverTest, ThePlacementThatWasAwayGoesOnAndTellsNobodyTwice) {
  const auto there = to_.placements_[1].epoch;
  to({{}, OutEdge::Reach::away});
  finish(0);
  to({there, OutEdge::Reach::again});
  for (std::uint64_t i = 1; i <= count; ++i) to_.push(count + i);
  to_.flush();
  while (to_.holds_any()) to_.accept_all();
  EXPECT_EQ(std::ranges::count_if(to_.done_, [](Cause cause) { return cause != Cause{}; }), std::ptrdiff_t{2 * count});
  EXPECT_TRUE(to_.edge_.idle());
  EXPECT_EQ(all_got().size(), 2 * count);
}

/// What waits to go again has its number already, which no other record may get.
TEST_F(OutEdgeHandsOverTest, OneThatIsAwayAgainBeforeItHadAnythingLosesNothing) {
  const auto there = to_.placements_[1].epoch;
  for (int i = 0; i < 2; ++i) {
    to({{}, OutEdge::Reach::away});
    to({there, OutEdge::Reach::again});
  }
  for (std::uint64_t i = 1; i <= count; ++i) to_.push(count + i);
  to_.flush();
  while (to_.holds_any()) to_.accept_all();
  EXPECT_EQ(all_got().size(), 2 * count);
  EXPECT_EQ(std::set(to_.got_[0].begin(), to_.got_[0].end()).size(), to_.got_[0].size()) << "handed over once";
  EXPECT_TRUE(to_.edge_.idle());
}

TEST_F(OutEdgeHandsOverTest, WhatOneHadThatHasEndedForGoodGoesToAnotherInReach) {
  EXPECT_TRUE(to(std::nullopt).empty());
  finish(0);
  EXPECT_EQ(to_.done_.size(), count);
  EXPECT_EQ(all_got().size(), count);
  EXPECT_TRUE(to_.edge_.idle());
}

TEST_F(OutEdgeHandsOverTest, WhatHasBeenHandedOverIsNotHandedBack) {
  to({{}, OutEdge::Reach::away});
  EXPECT_TRUE(to(std::nullopt).empty());
  finish(0);
  EXPECT_EQ(to_.done_.size(), count);
}

TEST_F(OutEdgeHandsOverTest, WhereAllAreAwayItWaitsForTheFirstThatIsNot) {
  to_.placements_[0] = {{}, OutEdge::Reach::away};
  to({{}, OutEdge::Reach::away});
  to_.push(count + 1);
  EXPECT_FALSE(to_.edge_.sendable());
  to_.placements_[0] = {{1, 1}, OutEdge::Reach::again};
  EXPECT_TRUE(to_.rewire().empty());
  finish(0);
  EXPECT_EQ(to_.done_.size(), count + 1);
  EXPECT_TRUE(to_.edge_.idle());
}

/// Three replicas, each of which comes and goes.
class OutEdgeComings {
 public:
  static constexpr std::uint32_t count = 3;
  enum class Step : std::uint8_t {
    push,
    flush,
    accept,
    lose,
    drain,
    go_on,
    lose_packets,
    come_back,
    place_anew,
    end,
    steps
  };

  OutEdgeComings(bool hands_over, std::uint64_t credit)
      : to_({.window = 2, .delivery = Delivery::at_least_once, .hands_over = hands_over}, count, credit) {}

  friend std::ostream& operator<<(std::ostream& out, Step step) {
    constexpr const char* names[] = {"push",  "flush",        "accept",    "lose",       "drain",
                                     "go_on", "lose_packets", "come_back", "place_anew", "end"};
    return out << names[static_cast<std::size_t>(step)];
  }

  void take(Step step, std::uint32_t replica) {
    if (ended_[replica]) step = Step::push;
    switch (step) {
      case Step::push:
        return static_cast<void>(to_.push(++pushed_));
      case Step::flush:
        return to_.flush();
      case Step::accept:
        return to_.idle(replica) ? to_.flush() : to_.accept(replica, 1);
      case Step::lose_packets:
        to_.flush_lossily();
        [[fallthrough]];
      case Step::lose:
        return rewire(replica, {{}, OutEdge::Reach::away});
      case Step::drain:
        if (to_.placements_[replica].reach == OutEdge::Reach::away) return;
        return rewire(replica, {{}, OutEdge::Reach::draining});
      case Step::go_on:
        if (to_.placements_[replica].reach != OutEdge::Reach::draining) return;
        return rewire(replica, {there_[replica], OutEdge::Reach::here});
      case Step::come_back:
        return rewire(replica, {there_[replica], OutEdge::Reach::again});
      case Step::place_anew:
        to_.placements_[replica] = {there_[replica]};
        RC_ASSERT(to_.replace(replica).empty());
        there_[replica] = to_.placements_[replica].epoch;
        return;
      case Step::end:
        if (replica == 0) return;
        ended_[replica] = true;
        to_.placements_[replica] = std::nullopt;
        returned_ += to_.rewire().size();
        return;
      case Step::steps:
        break;
    }
  }
  void finish() {
    for (std::uint32_t replica = 0; replica < count; ++replica) {
      if (!ended_[replica]) take(Step::come_back, replica);
    }
    to_.flush();
    while (to_.holds_any()) to_.accept_all();
  }

  Replicas to_;
  std::uint64_t pushed_ = 0, returned_ = 0;

 private:
  void rewire(std::uint32_t replica, OutEdge::Placement placement) {
    to_.placements_[replica] = placement;
    RC_ASSERT(to_.rewire().empty());
  }

  std::vector<Epoch> there_ = std::vector<Epoch>(count, Epoch{1, 1});
  std::vector<bool> ended_ = std::vector<bool>(count, false);
};

TEST(OutEdgeReachTest, HoweverReplicasComeAndGoEachRecordIsTakenAndToldOnce) {
  EXPECT_TRUE(rc::check([] {
    OutEdgeComings comings(*rc::gen::arbitrary<bool>(), *rc::gen::inRange<std::uint64_t>(1, 5));
    const auto step = rc::gen::map(rc::gen::inRange(0, int(OutEdgeComings::Step::steps)),
                                   [](int step) { return OutEdgeComings::Step(step); });
    const auto steps = rc::gen::container<std::vector<std::pair<OutEdgeComings::Step, std::uint32_t>>>(
        rc::gen::pair(step, rc::gen::inRange<std::uint32_t>(0, OutEdgeComings::count)));
    for (const auto& [what, replica] : *steps) comings.take(what, replica);
    comings.finish();
    const auto& to = comings.to_;
    RC_ASSERT(to.edge_.idle());
    RC_ASSERT(!to.edge_.blocked());
    RC_ASSERT(to.edge_.waiting() == 0u);
    RC_ASSERT(to.edge_.in_flight() == 0u);
    std::set<std::uint64_t> taken, told;
    for (const auto& got : to.got_) taken.insert(got.begin(), got.end());
    std::size_t causes = 0;
    for (const auto cause : to.done_) {
      if (cause == Cause{}) continue;
      told.insert(static_cast<std::uint64_t>(cause));
      ++causes;
    }
    RC_ASSERT(taken.size() + comings.returned_ >= comings.pushed_);
    RC_ASSERT(told.size() + comings.returned_ == comings.pushed_);
    RC_ASSERT(causes == told.size());
  }));
}

}  // namespace out_edge_reach_test
}  // namespace skep
