#include "skep/actors/out_edge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <span>
#include <string>

#include "out_edge_replicas.hpp"

namespace skep {
namespace out_edge_test {

using test::Numbers;
using test::record;
using test::Replicas;

TEST(OutEdgeTest, SendsAsFarAsThereIsCreditAndIsBlockedByAFullWindow) {
  Replicas to({.window = 2}, 1, 3);
  for (std::uint64_t i = 1; i <= 5; ++i) to.push(i);
  to.flush();
  EXPECT_EQ(to.got_[0], (Numbers{1, 2, 3}));
  EXPECT_EQ(to.edge_.waiting(), 2u);
  EXPECT_TRUE(to.edge_.blocked());
  to.accept(0, 1);
  EXPECT_EQ(to.got_[0], (Numbers{1, 2, 3, 4}));
  EXPECT_FALSE(to.edge_.blocked());
  to.edge_.hurry();
  to.flush();
  to.accept_all();
  to.accept_all();
  EXPECT_EQ(to.got_[0].size(), 5u);
  EXPECT_TRUE(to.edge_.idle());
  EXPECT_EQ(to.edge_.in_flight(), 0u);
}

TEST(OutEdgeTest, AWindowIsFullOfBytesToo) {
  Replicas to({.window_bytes = 5}, 1, 1);  // record n has n % 4 bytes
  to.push(1);
  to.flush();
  to.push(3);
  EXPECT_FALSE(to.edge_.blocked());
  to.push(3);
  EXPECT_TRUE(to.edge_.blocked());
  to.accept_all();
  EXPECT_FALSE(to.edge_.blocked());
  to.accept_all();
  EXPECT_EQ(to.got_[0], (Numbers{1, 3, 3}));
  EXPECT_FALSE(Replicas({.window_bytes = 0}, 1, 1).edge_.blocked()) << "one record may always wait";
}

TEST(OutEdgeTest, DropRulesKeepTheWindowsBytes) {
  for (const auto overflow : {Overflow::drop_oldest, Overflow::drop_newest}) {
    Replicas to({.overflow = overflow, .window_bytes = 4}, 1, 1);
    to.push(4);
    to.flush();
    for (const std::uint64_t small : {1, 5, 9}) EXPECT_TRUE(to.push(small).empty());
    const bool oldest = overflow == Overflow::drop_oldest;
    EXPECT_EQ(to.push(3), oldest ? (Numbers{1, 5}) : Numbers{}) << "3 and 3 bytes: over by less than a record";
    EXPECT_EQ(to.push(7), oldest ? (Numbers{9, 3}) : (Numbers{7}));
  }
}

TEST(OutEdgeTest, TheSlowestReplicaPacesAnAllEdge) {
  Replicas to({.route = Route::all, .window = 1}, 2, 2);
  for (std::uint64_t i = 1; i <= 2; ++i) to.push(i);
  to.flush();
  to.accept(0, 2);
  EXPECT_FALSE(to.edge_.blocked());
  to.push(3);
  to.flush();
  EXPECT_TRUE(to.edge_.blocked()) << "replica 1 has no credit";
  EXPECT_EQ(to.got_[0], (Numbers{1, 2, 3}));
  EXPECT_EQ(to.got_[1], (Numbers{1, 2}));
}

TEST(OutEdgeTest, DropNewestHandsBackWhatComesWhenTheWindowIsFull) {
  Replicas to({.overflow = Overflow::drop_newest, .window = 2}, 1, 1);
  to.push(1);
  to.flush();
  EXPECT_TRUE(to.push(2).empty());
  EXPECT_TRUE(to.push(3).empty());
  EXPECT_EQ(to.push(4), (Numbers{4}));
  EXPECT_FALSE(to.edge_.blocked());
}

TEST(OutEdgeTest, DropOldestHandsBackWhatHasWaitedLongest) {
  Replicas to({.overflow = Overflow::drop_oldest, .window = 2}, 1, 1);
  to.push(1);
  to.flush();
  EXPECT_TRUE(to.push(2).empty());
  EXPECT_TRUE(to.push(3).empty());
  EXPECT_EQ(to.push(4), (Numbers{2}));
  to.accept(0, 1);
  EXPECT_EQ(to.got_[0], (Numbers{1, 3}));
}

TEST(OutEdgeTest, AnyPrefersTheReplicaWithLessToDo) {
  Replicas to({}, 2, 100);
  for (std::uint64_t i = 1; i <= 60; ++i) {
    to.push(i);
    to.flush();
    to.accept_all_of(0);
  }
  EXPECT_GT(to.got_[0].size(), 2 * to.got_[1].size()) << "replica 1 accepts nothing";
}

TEST(OutEdgeTest, AnyGivesAReplicaThatTakesTenTimesAsLongATenth) {
  Replicas to({}, 2, 1000);
  to.paces_ = {{0, 10'000}, {1, 1'000}};
  for (std::uint64_t i = 1; i <= 20; ++i) to.push(i);
  to.flush();
  to.accept_all();
  to.got_ = {{}, {}};
  for (std::uint64_t i = 1; i <= 220; ++i) to.push(i);
  to.flush();
  EXPECT_NEAR(static_cast<double>(to.got_[0].size()), 20, 1);
}

TEST(OutEdgeTest, AReplicaThatHasNotSaidHowFastItIsCountsAsTheOthersDo) {
  Replicas to({}, 3, 1000);
  to.paces_ = {{0, 10'000}, {1, 1'000}};
  for (std::uint64_t i = 1; i <= 30; ++i) to.push(i);
  to.flush();
  to.accept_all_of(0);
  to.accept_all_of(1);
  to.placements_[1] = Epoch{2, 1};  // placed anew: nobody knows how fast that is
  to.inputs_[1] = InEdges({.self = {2, 1}});
  to.rewire();
  to.paces_.clear();
  to.accept_all_of(2);
  to.got_ = {{}, {}, {}};
  for (std::uint64_t i = 1; i <= 100; ++i) to.push(i);
  to.flush();
  const auto fast = to.got_[1].size() + to.got_[2].size(), slow = to.got_[0].size();
  EXPECT_GT(fast, 2 * slow) << "neither is known, both count as less than the 10,000 ns of the slow one";
}

TEST(OutEdgeTest, WhatWaitsForAReplicaPlacedAnewGoesThere) {
  Replicas to({.window = 8}, 1, 2);
  for (std::uint64_t i = 1; i <= 4; ++i) to.push(i);
  to.flush();
  to.placements_[0] = Epoch{2, 1};
  to.inputs_[0] = InEdges({.self = {2, 1}});
  EXPECT_TRUE(to.rewire().empty());
  to.flush();
  EXPECT_EQ(to.got_[0], (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(to.edge_.lost(), 2u) << "it had not accepted the first two";
}

TEST(OutEdgeTest, AReplicaPlacedAnewBeforeItsFirstRecordGetsItThere) {
  Replicas to({}, 1, 100);
  to.placements_[0] = Epoch{2, 1};
  to.inputs_[0] = InEdges({.self = {2, 1}});
  EXPECT_TRUE(to.rewire().empty());
  to.push(1);
  to.flush();
  EXPECT_EQ(to.got_[0], Numbers{1});
  EXPECT_EQ(to.edge_.lost(), 0u);
}

/// In the first packet that it sends.
bool asks_to_be_told_at_once(Replicas& to) {
  bool prompt = false;
  to.push(1);
  to.edge_.flush({}, [&](std::uint32_t, const EdgePacket& packet) { prompt = packet.prompt; });
  return prompt;
}

TEST(OutEdgeTest, OneOfManyTellsAtOnceWhatItHasAcceptedFromItsFirstRecordOn) {
  Replicas one({}, 1, 100), two({}, 2, 100);
  EXPECT_FALSE(asks_to_be_told_at_once(one)) << "nothing is compared";
  EXPECT_TRUE(asks_to_be_told_at_once(two));
}

TEST(OutEdgeTest, BeforeAnEndTheFirstRecordIsToldOfAtOnceToo) {
  Replicas to({}, 1, 100);
  to.edge_.hurry();
  EXPECT_TRUE(asks_to_be_told_at_once(to));
}

TEST(OutEdgeTest, GoesRoundAReplicaThatHasEndedForGood) {
  Replicas to({}, 3, 100);
  to.placements_[1] = std::nullopt;
  to.rewire();
  for (std::uint64_t i = 1; i <= 50; ++i) EXPECT_TRUE(to.push(i).empty());
  to.flush();
  EXPECT_TRUE(to.got_[1].empty());
  EXPECT_EQ(to.got_[0].size() + to.got_[2].size(), 50u);
}

TEST(OutEdgeTest, HandsBackWhatWaitedForAReplicaThatHasEndedForGood) {
  Replicas to({.window = 8}, 1, 2);
  for (std::uint64_t i = 1; i <= 4; ++i) to.push(i);
  to.flush();
  to.placements_[0] = std::nullopt;
  EXPECT_EQ(to.rewire(), (Numbers{3, 4}));
  EXPECT_EQ(to.push(5), (Numbers{5}));
  EXPECT_TRUE(to.edge_.idle());
  to.placements_[0] = Epoch{1, 1};  // it is back after all, in the same actor
  to.rewire();
  to.push(6);
  to.accept_all();
  to.flush();
  EXPECT_EQ(to.got_[0].back(), 6u);
}

TEST(OutEdgeTest, KeysOfAReplicaThatHasEndedForGoodAreHandedBack) {
  Replicas to({.route = Route::key}, 2, 100);
  to.placements_[0] = to.placements_[1] = std::nullopt;
  to.rewire();
  EXPECT_EQ(to.push(1, "a"), (Numbers{1}));
}

/// Whatever the route, window and credit: each record arrives as often as it should, in order, and none is stuck.
TEST(OutEdgeTest, NothingIsLostAndOrderHoldsPerReplica) {
  EXPECT_TRUE(rc::check([] {
    const auto route = *rc::gen::element(Route::any, Route::key, Route::all);
    const auto count = *rc::gen::inRange<std::size_t>(1, 5);
    Replicas to({.route = route,
                 .window = *rc::gen::inRange<std::uint32_t>(1, 9),
                 .window_bytes = *rc::gen::inRange<std::uint64_t>(0, 20)},
                count, *rc::gen::inRange<std::uint64_t>(1, 9));
    std::map<std::string, std::size_t> replica_of;
    const auto records = *rc::gen::inRange<std::uint64_t>(1, 200);
    for (std::uint64_t number = 1; number <= records; ++number) {
      RC_ASSERT(to.push(number, std::to_string(number % 11)).empty());
      if (*rc::gen::inRange(0, 3) == 0) to.flush();
      if (*rc::gen::inRange(0, 5) == 0) to.accept_all();
    }
    to.flush();
    while (to.holds_any()) to.accept_all();
    RC_ASSERT(to.edge_.waiting() == 0u);
    std::size_t sum = 0;
    for (std::size_t replica = 0; replica < count; ++replica) {
      RC_ASSERT(std::ranges::is_sorted(to.got_[replica]));
      sum += to.got_[replica].size();
      for (const auto number : to.got_[replica]) {
        const auto [where, first] = replica_of.try_emplace(std::to_string(number % 11), replica);
        RC_ASSERT(route != Route::key || where->second == replica);
      }
    }
    RC_ASSERT(sum == records * (route == Route::all ? count : 1));
  }));
}

TEST(OutEdgeTest, UnderAtLeastOnceWhatAReplicaHadNotDoneWithGoesToItsNextPlacement) {
  Replicas to({.delivery = Delivery::at_least_once}, 1, 100);
  for (std::uint64_t i = 1; i <= 5; ++i) to.push(i);
  to.flush();
  to.accept(0, 2);
  EXPECT_EQ(to.done_, (std::vector<Cause>{Cause{1}, Cause{2}}));
  EXPECT_TRUE(to.replace(0).empty());
  to.push(6);
  to.flush();
  EXPECT_EQ(to.got_[0], (Numbers{1, 2, 3, 4, 5, 3, 4, 5, 6}));
  EXPECT_FALSE(to.edge_.idle());
  to.accept_all();
  EXPECT_TRUE(to.edge_.idle());
  EXPECT_EQ(to.done_.size(), to.open_);
  EXPECT_EQ(to.edge_.lost(), 0u);
}

TEST(OutEdgeTest, EveryCopyTellsTheCause) {
  Replicas to({.route = Route::all, .delivery = Delivery::at_least_once}, 3, 100);
  to.push(1);
  to.placements_[1] = std::nullopt;
  EXPECT_EQ(to.rewire(), Numbers{1}) << "what waited for it";
  to.push(2);
  to.flush();
  to.accept_all();
  EXPECT_EQ(to.open_, 4u);
  EXPECT_EQ(to.done_.size(), 4u);
}

TEST(OutEdgeTest, WhatAReplicaHadNotDoneWithIsHandedBackWhenItHasEndedForGood) {
  Replicas to({.delivery = Delivery::at_least_once}, 1, 100);
  for (std::uint64_t i = 1; i <= 3; ++i) to.push(i);
  to.flush();
  to.accept(0, 1);
  to.push(4);
  to.placements_[0] = std::nullopt;
  EXPECT_EQ(to.rewire(), (Numbers{2, 3, 4}));
  EXPECT_EQ(to.done_.size(), to.open_);
  EXPECT_EQ(to.push(5), Numbers{5});
}

TEST(OutEdgeTest, ADangerousRecordIsHandedBackWithTheReplicaThatItEnded) {
  Replicas to({.route = Route::key, .delivery = Delivery::at_least_once, .deaths_max = 1}, 2, 100);
  const auto replica = static_cast<std::uint32_t>(receiver_of_slot(key_slot("k"), 2));
  to.push(1);
  to.flush();
  EXPECT_TRUE(to.replace(replica).empty()) << "it may have had others in hand";
  to.flush();
  to.inputs_[replica].accepted({0, 1}, {1, 0});  // taken up, and never done
  static_cast<void>(to.inputs_[replica].take_acks());
  const EdgeAck taken{{1, 1}, {2, 1}, 1, {1, 0}, 0, 0, {}};
  to.edge_.on_ack(replica, taken, {}, to.done_);
  to.placements_[replica] = Epoch{3, 1};
  std::vector<OutEdge::Returned> returned;
  to.edge_.rewire(to.placements_, returned);
  ASSERT_EQ(returned.size(), 1u);
  EXPECT_EQ(returned[0].why, errc::bee_failed);
  EXPECT_EQ(returned[0].cause, Cause{1});
  EXPECT_EQ(returned[0].receiver, replica);
}

TEST(OutEdgeTest, WhatIsLostOnTheWayGoesAgainWhenItIsDue) {
  using namespace std::chrono_literals;
  const OutEdge::Time begin{};
  Replicas to({.route = Route::all, .delivery = Delivery::at_least_once}, 2, 100);
  to.push(1);
  EXPECT_FALSE(to.edge_.due());
  to.edge_.flush(begin, [](std::uint32_t, EdgePacket&&) {});  // lost
  ASSERT_EQ(to.edge_.due(), begin + limits::resend_after);
  to.edge_.tick(begin + limits::resend_after - 1ns);
  EXPECT_FALSE(to.edge_.sendable());
  to.edge_.tick(begin + limits::resend_after);
  to.flush();
  EXPECT_EQ(to.got_[0], Numbers{1});
  EXPECT_EQ(to.got_[1], Numbers{1});
  to.accept_all();
  EXPECT_FALSE(to.edge_.due());
}

TEST(OutEdgeTest, RecordsPushedTogetherGoTheWayOfRecordsPushedOneByOne) {
  EXPECT_TRUE(rc::check([] {
    const auto route = *rc::gen::element(Route::any, Route::key, Route::all);
    const auto overflow = *rc::gen::element(Overflow::block, Overflow::drop_oldest, Overflow::drop_newest);
    const auto window = *rc::gen::inRange<std::uint32_t>(1, 6);
    const auto delivery = overflow == Overflow::block
                              ? *rc::gen::element(Delivery::at_most_once, Delivery::at_least_once)
                              : Delivery::at_most_once;
    const OutEdgeSettings settings{.route = route,
                                   .overflow = overflow,
                                   .window = window,
                                   .delivery = delivery,
                                   .window_bytes = *rc::gen::inRange<std::uint64_t>(0, 12)};
    const auto replicas = *rc::gen::inRange<std::size_t>(1, 4);
    const auto credit = *rc::gen::inRange<std::uint64_t>(1, 8);
    Replicas together(settings, replicas, credit), single(settings, replicas, credit);
    std::uint64_t last = 0;
    for (const auto count : *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 9))) {
      const auto returned = together.push_all(last + 1, count);
      Numbers returned_singly;
      for (std::uint64_t i = 0; i < count; ++i) {
        ++last;
        std::ranges::copy(single.push(last, Replicas::key_of(last), Cause{1}), std::back_inserter(returned_singly));
      }
      RC_ASSERT(returned == returned_singly);
      for (auto* each : {&together, &single}) {
        each->flush();
        if (count % 2 == 0) each->accept_all();
      }
      RC_ASSERT(together.got_ == single.got_);
      RC_ASSERT(together.edge_.waiting() == single.edge_.waiting());
      RC_ASSERT(together.edge_.in_flight() == single.edge_.in_flight());
      RC_ASSERT(together.edge_.blocked() == single.edge_.blocked());
      RC_ASSERT(together.done_ == single.done_);
    }
  }));
}

TEST(OutEdgeTest, WithMiscountedDropTheOldestGoesWithoutAWord) {
  Replicas to({.overflow = Overflow::drop_oldest, .window = 1, .faults = {.miscounted_drop = true}}, 1, 1);
  to.push(1);
  to.flush();
  to.push(2);
  EXPECT_TRUE(to.push(3).empty());
  to.accept(0, 1);
  EXPECT_EQ(to.got_[0], (Numbers{1, 3}));
}

}  // namespace out_edge_test
}  // namespace skep
