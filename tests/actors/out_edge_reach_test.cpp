// Replicas of an edge that are out of reach for a while: on a node whose link is down, or not placed yet.

#include <gtest/gtest.h>

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

}  // namespace out_edge_reach_test
}  // namespace skep
