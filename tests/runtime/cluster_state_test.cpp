#include "cluster/cluster_state.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "skep/runtime/limits.hpp"

namespace skep {
namespace cluster_state_test {

using namespace std::chrono_literals;

constexpr auto first_wait = 10s;

std::vector<Member> members(NodeNumber count) {
  std::vector<Member> all;
  for (NodeNumber node = 1; node <= count; ++node)
    all.push_back({node, {std::string(1, static_cast<char>('a' + node - 1))}, 1});
  return all;
}

PlacementNeeds needs() {
  return {{{.replicas = 2}, {.replicas = 1}, {.on_each = true}}};
}

/// Nodes that say to each other at once what they decide, where they see each other.
class World {
 public:
  explicit World(NodeNumber count, std::chrono::nanoseconds settle_time = {}, std::chrono::nanoseconds reach_time = {})
      : count_(count),
        settle_time_(settle_time),
        reach_time_(reach_time),
        links_(count + 1, std::vector<bool>(count + 1)) {
    for (NodeNumber node = 1; node <= count; ++node) start(node);
  }

  [[nodiscard]] ClusterState::Time now() const noexcept { return now_; }
  void start(NodeNumber node) {
    stop(node);
    lives_[node] = ++last_life_;
    states_.insert_or_assign(
        node,
        ClusterState({node, lives_[node], members(count_), first_wait, settle_time_, reach_time_}, {needs()}, now_));
  }
  void stop(NodeNumber node) {
    for (NodeNumber other = 1; other <= count_; ++other) unlink(node, other);
    states_.erase(node);
    lives_.erase(node);
  }
  void link(NodeNumber a, NodeNumber b) {
    if (a == b || linked(a, b) || !alive(a) || !alive(b)) return;
    links_[a][b] = links_[b][a] = true;
    at(a).up(b, lives_[b], now_);
    at(b).up(a, lives_[a], now_);
    say(a, b);
    say(b, a);
    settle();
  }
  void unlink(NodeNumber a, NodeNumber b) {
    if (!linked(a, b)) return;
    links_[a][b] = links_[b][a] = false;
    at(a).down(b, now_);
    at(b).down(a, now_);
    settle();
  }
  void link_all() {
    for (NodeNumber a = 1; a <= count_; ++a) {
      for (NodeNumber b = a + 1; b <= count_; ++b) link(a, b);
    }
  }
  void pass(std::chrono::nanoseconds time) {
    now_ += time;
    settle();
  }

  [[nodiscard]] bool alive(NodeNumber node) const { return states_.contains(node); }
  [[nodiscard]] bool linked(NodeNumber a, NodeNumber b) const { return links_[a][b]; }
  ClusterState& at(NodeNumber node) { return states_.at(node); }
  /// By node, what it runs of a part.
  std::map<NodeNumber, std::size_t> runs(std::size_t part) {
    std::map<NodeNumber, std::size_t> all;
    for (auto& [node, state] : states_) {
      const auto view = state.own_view(0);
      if (view.parts.empty()) continue;
      for (const auto& place : view.parts[part]) all[node] += place.node == node ? 1 : 0;
    }
    return all;
  }
  std::size_t running(std::size_t part) {
    std::size_t all = 0;
    for (const auto& [node, count] : runs(part)) all += count;
    return all;
  }
  /// Heartbeats and decisions, until nothing changes.
  void settle() {
    for (bool changed = true; changed;) {
      changed = false;
      for (int round = 0; round < 2; ++round) {
        for (auto& [node, state] : states_) {
          for (auto& [other, heard] : states_) {
            if (linked(node, other)) heard.heard(node, state.views());
          }
        }
      }
      for (auto& [node, state] : states_) {
        if (!state.decide(now_).empty()) changed = tell(node) || changed;
      }
    }
  }

 private:
  void say(NodeNumber from, NodeNumber to) {
    if (at(to).heard(from, 0, at(from).placement(0))) tell(to);
  }
  bool tell(NodeNumber from) {
    for (NodeNumber to = 1; to <= count_; ++to) {
      if (linked(from, to)) say(from, to);
    }
    return true;
  }

  NodeNumber count_;
  std::chrono::nanoseconds settle_time_, reach_time_;
  std::map<NodeNumber, ClusterState> states_;
  std::map<NodeNumber, std::uint64_t> lives_;
  std::uint64_t last_life_ = 0;
  std::vector<std::vector<bool>> links_;
  ClusterState::Time now_{1h};
};

TEST(ClusterStateTest, TheFirstPlacementWaitsForAll) {
  World world(3);
  world.link(1, 2);
  EXPECT_EQ(world.running(0), 0u);
  world.link_all();
  EXPECT_EQ(world.running(0), 2u);
  EXPECT_EQ(world.running(2), 3u) << "a gateway on each";
  EXPECT_EQ(world.at(1).placement(0), world.at(3).placement(0));
}

TEST(ClusterStateTest, OrForItsTime) {
  World world(3);
  world.stop(3);
  world.link(1, 2);
  EXPECT_EQ(world.at(1).due(world.now()), world.at(2).due(world.now()));
  world.pass(first_wait - 1ns);
  EXPECT_EQ(world.running(0), 0u);
  world.pass(1ns);
  EXPECT_EQ(world.running(0), 2u);
  EXPECT_EQ(world.at(1).due(world.now()), std::nullopt);
}

TEST(ClusterStateTest, AnEpochThatNobodyCanHaveReachedIsNotTaken) {
  World world(3);
  world.link_all();
  const auto own = world.at(2).placement(0);
  auto said = own;
  for (const auto counter : {std::uint64_t{UINT64_MAX}, own.epoch.counter + limits::placement_steps_max + 1}) {
    said.epoch.counter = counter;
    EXPECT_FALSE(world.at(2).heard(3, 0, said)) << counter;
  }
  said.epoch.counter = own.epoch.counter + limits::placement_steps_max;
  EXPECT_TRUE(world.at(2).heard(3, 0, said));
  World fresh(3);
  fresh.link(1, 2);
  ASSERT_TRUE(fresh.at(2).placement(0).parts.empty());
  said.epoch.counter = limits::placement_epoch_max + 1;
  EXPECT_FALSE(fresh.at(2).heard(1, 0, said));
  said.epoch.counter = limits::placement_epoch_max;
  EXPECT_TRUE(fresh.at(2).heard(1, 0, said));
}

TEST(ClusterStateTest, WithoutAMajorityNothingIsPlaced) {
  World world(3);
  world.pass(2 * first_wait);
  for (NodeNumber node = 1; node <= 3; ++node) {
    EXPECT_TRUE(world.at(node).placement(0).parts.empty());
    EXPECT_EQ(world.at(node).due(world.now()), std::nullopt) << "nothing but an event changes that";
  }
}

TEST(ClusterStateTest, WhatWasLostGoesElsewhereAndWhoComesBackIsEmpty) {
  World world(3);
  world.link_all();
  ASSERT_EQ(world.runs(0)[2], 1u);
  const auto before = world.at(1).placement(0);
  world.stop(2);
  EXPECT_EQ(world.running(0), 2u);
  EXPECT_EQ(world.running(1), 1u);
  const auto after = world.at(1).placement(0);
  EXPECT_GT(after.epoch, before.epoch);
  world.start(2);
  EXPECT_EQ(world.runs(2)[2], 0u);
  world.link_all();
  EXPECT_EQ(world.runs(0)[2], 0u) << "it moves nothing";
  EXPECT_EQ(world.runs(2)[2], 1u) << "but for its gateways";
  EXPECT_EQ(world.at(1).placement(0).parts[0], after.parts[0]);
}

TEST(ClusterStateTest, WhoHasStoodStillDecidesNothingWhileItLosesItsLinks) {
  World world(4, 100ms);
  world.link_all();
  world.pass(100ms);
  const auto before = world.at(1).placement(0);
  ASSERT_EQ(world.running(0), 2u);
  world.unlink(1, 4);
  EXPECT_EQ(world.at(1).decider(), 1u) << "it sees two others still";
  EXPECT_EQ(world.at(1).due(world.now()), world.now() + 100ms);
  world.unlink(1, 3);
  world.unlink(1, 2);
  world.pass(100ms - 1ns);
  for (NodeNumber node = 1; node <= 4; ++node) EXPECT_EQ(world.at(node).placement(0), before) << node;
  world.pass(1ns);
  EXPECT_EQ(world.at(1).placement(0), before);
  EXPECT_EQ(world.at(2).placement(0).epoch, (Epoch{before.epoch.counter + 1, 2}));
  EXPECT_EQ(world.at(1).due(world.now()), std::nullopt);
}

/// Node 1 of three has stood still, and sees nobody; node 2 has decided.
World stand_still() {
  World world(3, 100ms, 1s);
  world.link_all();
  world.pass(1s);
  world.unlink(1, 2);
  world.unlink(1, 3);
  world.pass(1s);
  EXPECT_EQ(world.at(2).placement(0).epoch.node, 2u);
  return world;
}

/// The same, and it sees node 2 again.
World come_back_half() {
  auto world = stand_still();
  world.link(1, 2);
  EXPECT_EQ(world.at(1).placement(0), world.at(2).placement(0));
  return world;
}

TEST(ClusterStateTest, WhoComesBackWaitsForThoseWhomOthersSee) {
  auto world = come_back_half();
  const auto before = world.at(1).placement(0);
  world.pass(1s - 1ns);
  EXPECT_EQ(world.at(1).decider(), 1u);
  EXPECT_EQ(world.at(1).placement(0), before);
  world.link(1, 3);
  world.pass(1s);
  EXPECT_EQ(world.at(1).placement(0), before) << "nobody was lost";
}

TEST(ClusterStateTest, WhomOthersSeeIsAskedFirst) {
  auto world = stand_still();
  auto& back = world.at(1);
  const auto since = world.now();
  back.up(2, 2, since);
  EXPECT_TRUE(back.heard(2, 0, world.at(2).placement(0)));
  EXPECT_TRUE(back.decide(since + 100ms).empty()) << "2 has not said that it sees 3";
  back.heard(2, world.at(2).views());
  EXPECT_TRUE(back.decide(since + 200ms).empty());
  EXPECT_EQ(back.decide(since + 1s).size(), 1u);
}

TEST(ClusterStateTest, WhomItDoesNotSeeAgainItTakesForLost) {
  auto world = come_back_half();
  const auto before = world.at(1).placement(0).epoch;
  ASSERT_NE(world.runs(0)[3], 0u);
  EXPECT_EQ(world.at(1).due(world.now()), world.now() + 1s);
  world.pass(1s);
  EXPECT_EQ(world.at(1).placement(0).epoch, (Epoch{before.counter + 1, 1}));
  EXPECT_EQ(world.at(1).placement(0).placed_on(3), 1u) << "its gateway";
}

TEST(ClusterStateTest, WhoLosesALinkAgainAndAgainDelaysNothingForEver) {
  World world(3, 100ms, 1s);
  world.link_all();
  world.pass(1s);
  const auto before = world.at(1).placement(0).epoch;
  world.unlink(1, 3);
  world.link(1, 3);
  world.stop(2);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(world.at(1).placement(0).epoch, before) << i;
    world.unlink(1, 3);
    world.link(1, 3);
    world.pass(10ms);
  }
  EXPECT_GT(world.at(1).placement(0).epoch, before);
  EXPECT_EQ(world.running(0), 2u);
}

TEST(ClusterStateTest, WhoWasOutOfReachKeepsItsGatewaysAndNothingElse) {
  World world(3);
  world.link_all();
  const auto before = world.at(3).placement(0);
  world.unlink(1, 2);
  world.unlink(2, 3);
  EXPECT_EQ(world.at(1).own_view(0).parts[2], before.parts[2]);
  world.link_all();
  EXPECT_EQ(world.runs(0)[2], 0u);
  EXPECT_EQ(world.at(2).own_view(0).parts[2], before.parts[2]) << "in the placement that they had";
  world.stop(2);
  world.start(2);
  world.link_all();
  EXPECT_NE(world.at(2).own_view(0).parts[2], before.parts[2]) << "another life has another one";
  EXPECT_EQ(world.running(2), 3u);
}

TEST(ClusterStateTest, OfTwoTheHigherOneDecidesNothing) {
  World world(2);
  world.link_all();
  const auto before = world.at(2).placement(0);
  world.stop(1);
  world.pass(1h);
  EXPECT_EQ(world.at(2).placement(0), before);
  world.start(1);
  world.pass(1h);
  EXPECT_EQ(world.runs(0)[1], 2u) << "alone it may decide after its time";
}

TEST(ClusterStateTest, ADeciderThatWasStartedAgainPlacesItsOwnAnew) {
  World world(2);
  world.link_all();
  const auto before = world.at(2).placement(0);
  world.stop(1);
  world.start(1);
  world.link_all();
  const auto after = world.at(2).placement(0);
  EXPECT_EQ(world.at(1).placement(0), after);
  EXPECT_GT(after.epoch, before.epoch);
  EXPECT_EQ(world.running(0), 2u);
  EXPECT_EQ(world.running(2), 2u);
  for (const auto& place : after.parts[0]) {
    EXPECT_EQ(place.epoch, place.node == 2 ? before.epoch : after.epoch)
        << "what ran all the time stays, a new life has a new epoch";
  }
}

TEST(ClusterStateTest, ARestartIsNoticedEvenIfTheLossWasNot) {
  World world(3);
  world.link_all();
  const auto before = world.at(1).placement(0);
  NodeNumber host = 0;
  for (const auto& place : before.parts[1]) host = place.node;
  world.start(host);  // stops and starts; its links come back with another life
  world.link_all();
  EXPECT_EQ(world.running(1), 1u);
  EXPECT_GT(world.at(1).placement(0).epoch, before.epoch);
}

/// Of three to five nodes each is lost and comes back, and its links come up one by one, in any order.
TEST(ClusterStateTest, WhoComesBackMovesNothingInWhateverOrderItMeetsTheOthers) {
  for (NodeNumber count = 3; count <= 5; ++count) {
    for (NodeNumber back = 1; back <= count; ++back) {
      std::vector<NodeNumber> others;
      for (NodeNumber node = 1; node <= count; ++node) {
        if (node != back) others.push_back(node);
      }
      do {
        World world(count);
        world.link_all();
        world.stop(back);
        const auto decider = back == 1 ? 2 : 1;
        const auto before = world.at(decider).placement(0).parts;
        world.start(back);
        for (const auto node : others) {
          world.link(back, node);
          const auto& now = world.at(decider).placement(0).parts;
          ASSERT_EQ(now[0], before[0]) << back << " of " << count << " has met " << node;
          ASSERT_EQ(now[1], before[1]);
          for (const auto& gateway : before[2]) {
            ASSERT_TRUE(gateway.node == back || std::ranges::count(now[2], gateway) == 1) << "that of " << gateway.node;
          }
        }
        ASSERT_EQ(world.running(2), count);
      } while (std::ranges::next_permutation(others).found);
    }
  }
}

TEST(ClusterStateTest, WhoHasNotMetAllDecidesAfterItsTime) {
  World world(3);
  world.link_all();
  world.stop(3);
  world.stop(1);
  ASSERT_EQ(world.running(0), 1u) << "node 2 sees no majority";
  world.start(1);
  world.link(1, 2);
  EXPECT_EQ(world.running(0), 1u) << "node 3 may be there";
  EXPECT_TRUE(world.at(1).due(world.now()));
  world.pass(first_wait);
  EXPECT_EQ(world.running(0), 2u);
  EXPECT_EQ(world.at(1).due(world.now()), std::nullopt);
}

TEST(ClusterStateTest, WhoHasJustComeAsksWhoElseIsThere) {
  World world(3);
  world.link_all();
  const auto before = world.at(1).placement(0);
  world.stop(2);
  world.start(2);
  world.at(2).up(3, 3, world.now());  // not yet to node 1, which node 3 sees
  EXPECT_TRUE(world.at(2).heard(3, 0, world.at(3).placement(0)));
  EXPECT_TRUE(world.at(2).decide(ClusterState::Time(2h)).empty());
  world.at(2).heard(3, world.at(3).views());
  EXPECT_TRUE(world.at(2).decide(ClusterState::Time(2h)).empty()) << "node 1 decides";
}

TEST(ClusterStateTest, TakesNothingFromStrangersAndOfOtherShapes) {
  World world(3);
  world.link_all();
  Placement foreign{{99, 1}, {{}}, {}};
  EXPECT_FALSE(world.at(1).heard(2, 0, foreign)) << "other parts";
  EXPECT_FALSE(world.at(1).heard(2, 7, world.at(2).placement(0))) << "no such swarm";
  foreign = world.at(1).placement(0);
  foreign.epoch.counter += 5;
  for (const NodeNumber stranger : {0u, 4u}) {
    auto named = foreign;
    named.epoch.node = stranger;
    EXPECT_FALSE(world.at(1).heard(2, 0, named)) << "decided by node " << stranger;
  }
  auto named = foreign;
  named.parts[0][0].node = 4;
  EXPECT_FALSE(world.at(1).heard(2, 0, named)) << "placed on one that is not configured";
  world.unlink(1, 2);
  EXPECT_FALSE(world.at(1).heard(2, 0, foreign)) << "there is no link";
}

TEST(ClusterStateTest, AfterAnyHistoryAllThatSeeEachOtherAgree) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const NodeNumber count = 2 + random() % 5;
    const bool waits = seed % 2 == 0;
    World world(count, waits ? 100ms : 0ms, waits ? 1s : 0s);
    for (int i = 0; i < 60; ++i) {
      const NodeNumber a = 1 + random() % count, b = 1 + random() % count;
      switch (random() % 6) {
        case 0:
          world.stop(a);
          break;
        case 1:
          world.start(a);
          break;
        case 2:
          world.unlink(a, b);
          break;
        case 3:
          world.pass(std::chrono::milliseconds(random() % 8000));
          break;
        default:
          world.link(a, b);
      }
    }
    for (NodeNumber node = 1; node <= count; ++node) {
      if (!world.alive(node)) world.start(node);
    }
    world.link_all();
    world.pass(first_wait);
    const auto& placement = world.at(1).placement(0);
    for (NodeNumber node = 1; node <= count; ++node)
      ASSERT_EQ(world.at(node).placement(0), placement) << "seed " << seed;
    ASSERT_EQ(world.running(0), 2u) << "seed " << seed;
    ASSERT_EQ(world.running(1), 1u) << "seed " << seed;
    ASSERT_EQ(world.running(2), count) << "seed " << seed;
  }
}

}  // namespace cluster_state_test
}  // namespace skep
