#include "swarm_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace skep::detail {
namespace swarm_places_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Phase = SwarmPlaces::Phase;
using Reach = SwarmPlaces::Reach;

constexpr NodeNumber here = 1, other = 2, third = 3;
constexpr PartIndex one_bee = 0, two_bees = 1, front = 2;

/// A bee, one of two replicas, a gateway on nodes 1 and 2: children 0, 1 and 2, 3 and 4.
SwarmPlaces places() {
  return {here, {{.replicas = 1}, {.replicas = 2}, {.gateway = true, .homes = {here, other}}}};
}

/// `nodes` are those of the three bees, and the gateway is on both of its own.
Placement placement(std::uint64_t counter, std::array<NodeNumber, 3> nodes, Epoch since = {}) {
  const Epoch epoch{counter, here};
  const auto at = [&](NodeNumber node) { return Place{node, since == Epoch{} ? epoch : since}; };
  return {epoch, {{at(nodes[0])}, {at(nodes[1]), at(nodes[2])}, {{here, {1, here}}, {other, {1, here}}}}, {}};
}

ActorPresence up(PartIndex part, std::uint32_t replica, std::uint64_t counter, std::uint32_t life = 1) {
  return {static_cast<std::uint32_t>(part), replica, birth_of({counter, here}, life), PresenceState::up};
}

std::vector<std::pair<unsigned, bool>> orders(const SwarmPlaces::Changes& changes) {
  std::vector<std::pair<unsigned, bool>> all;
  for (const auto& order : changes.orders) all.emplace_back(static_cast<unsigned>(order.child), order.here);
  return all;
}

TEST(SwarmPlacesTest, OnANodeAloneAllIsHereAndNothingFollows) {
  auto alone = places();
  alone.place_all_here();
  for (unsigned child = 0; child < alone.size(); ++child) {
    EXPECT_EQ(alone.spawn({ChildId(child), 1}), birth_of({1, here}, 1));
    EXPECT_EQ(alone.reach(ChildId(child)), Reach::here);
    EXPECT_THAT(orders(alone.up(ChildId(child))), IsEmpty()) << "gateways wait for nobody";
  }
}

TEST(SwarmPlacesTest, AGatewayHasAReplicaForEachThreadOfEachOfItsNodes) {
  SwarmPlaces spread(here, {{.replicas = 1}, {.gateway = true, .homes = {here, other}, .threads = 3}});
  ASSERT_EQ(spread.size(), 7u);
  std::vector<std::pair<NodeNumber, std::uint32_t>> all;
  for (unsigned child = 1; child < 7; ++child) {
    all.emplace_back(spread.home(ChildId(child)), spread.thread(ChildId(child)));
  }
  EXPECT_THAT(all, ElementsAre(std::pair(here, 0u), std::pair(here, 1u), std::pair(here, 2u), std::pair(other, 0u),
                               std::pair(other, 1u), std::pair(other, 2u)));
  const Epoch epoch{1, here};
  const auto placed = spread.place({epoch, {{{here, epoch}}, {{here, epoch}}}, {}});
  EXPECT_THAT(orders(placed), ElementsAre(std::pair(0u, true))) << "all of them when the bee is up";
  (void)spread.spawn({ChildId(0), 1});
  EXPECT_THAT(orders(spread.up(ChildId(0))),
              ElementsAre(std::pair(1u, true), std::pair(2u, true), std::pair(3u, true)));
  EXPECT_EQ(spread.count_here(1), 3u);
}

TEST(SwarmPlacesTest, ABeeElsewhereIsReachedOnceItsNodeHasSaidThatItIsUp) {
  auto all = places();
  EXPECT_EQ(all.reach(ChildId(0)), Reach::away);
  EXPECT_THAT(all.place(placement(1, {other, other, here})).moved, UnorderedElementsAre(one_bee, two_bees, front));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::away);
  ASSERT_TRUE(all.is_news(other, up(one_bee, 0, 1)));
  EXPECT_THAT(all.tell(other, up(one_bee, 0, 1)).moved, ElementsAre(one_bee));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::elsewhere);
  EXPECT_EQ(all.said_birth(ChildId(0)), birth_of({1, here}, 1));
  EXPECT_FALSE(all.is_news(other, up(one_bee, 0, 1)));
  EXPECT_THAT(all.lose(other).moved, ElementsAre(one_bee));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::away);
}

TEST(SwarmPlacesTest, WhatIsSaidOfADecisionToComeCountsFromThenOn) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {other, here, here})));
  EXPECT_THAT(all.tell(third, up(one_bee, 0, 2)).moved, IsEmpty());
  EXPECT_EQ(all.reach(ChildId(0)), Reach::away);
  static_cast<void>(all.place(placement(2, {third, here, here})));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::elsewhere);
  EXPECT_THAT(all.tell(other, up(one_bee, 0, 1)).moved, IsEmpty()) << "of one that has passed";
  EXPECT_EQ(all.reach(ChildId(0)), Reach::elsewhere);
}

TEST(SwarmPlacesTest, WhatAnotherNodeHasByADecisionThatIsNotInForceHidesNothing) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {other, here, here})));
  static_cast<void>(all.tell(other, up(one_bee, 0, 1)));
  EXPECT_THAT(all.tell(third, up(one_bee, 0, 2)).moved, IsEmpty());
  EXPECT_EQ(all.reach(ChildId(0)), Reach::elsewhere);
  EXPECT_EQ(all.said_birth(ChildId(0)), birth_of({1, here}, 1));
  EXPECT_THAT(all.lose(third).moved, IsEmpty());
  EXPECT_EQ(all.reach(ChildId(0)), Reach::elsewhere);
  static_cast<void>(all.tell(third, up(one_bee, 0, 2)));
  static_cast<void>(all.place(placement(2, {third, here, here})));
  EXPECT_EQ(all.said_birth(ChildId(0)), birth_of({2, here}, 1)) << "it has come to be in force";
}

TEST(SwarmPlacesTest, ANodeThatGoesBackToAnEarlierDecisionIsFound) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {other, here, here})));
  static_cast<void>(all.tell(other, up(one_bee, 0, 1)));
  EXPECT_EQ(all.tell(other, up(one_bee, 0, 2)).replaced, birth_of({1, here}, 1)) << "that does not prevail";
  EXPECT_EQ(all.reach(ChildId(0)), Reach::away);
  EXPECT_THAT(all.tell(other, up(one_bee, 0, 1, 2)).moved, ElementsAre(one_bee));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::elsewhere);
  EXPECT_EQ(all.said_birth(ChildId(0)), birth_of({1, here}, 2));
}

TEST(SwarmPlacesTest, ALaterLifeOnTheSameNodeTakesThePlaceOfTheOneBefore) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {other, here, here})));
  EXPECT_EQ(all.tell(other, up(one_bee, 0, 1)).replaced, std::nullopt);
  EXPECT_EQ(all.tell(other, up(one_bee, 0, 1, 2)).replaced, birth_of({1, here}, 1));
  auto ended = up(one_bee, 0, 1);
  ended.state = PresenceState::ended;
  EXPECT_FALSE(all.is_news(other, ended)) << "the one before";
  ended.epoch = birth_of({1, here}, 2);
  EXPECT_EQ(all.tell(other, ended).replaced, std::nullopt) << "it is the same one";
  EXPECT_EQ(all.reach(ChildId(0)), Reach::gone);
}

TEST(SwarmPlacesTest, OfReplicasThatTheSwarmDoesNotHaveNothingIsNews) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {other, other, other})));
  EXPECT_FALSE(all.is_news(other, up(3, 0, 1)));
  EXPECT_FALSE(all.is_news(other, up(two_bees, 2, 1)));
  EXPECT_THAT(all.tell(other, up(two_bees, 2, 1)).moved, IsEmpty());
}

TEST(SwarmPlacesTest, WhatIsPlacedHereIsOrderedAndWhatIsPlacedAnewEndsFirst) {
  auto all = places();
  EXPECT_THAT(orders(all.place(placement(1, {here, other, here}))),
              ElementsAre(std::pair(0, true), std::pair(2, true)));
  EXPECT_THAT(orders(all.place(placement(2, {here, other, here}, {1, here}))), IsEmpty()) << "all is where it was";
  EXPECT_THAT(orders(all.place(placement(3, {here, other, third}))),
              ElementsAre(std::pair(0, false), std::pair(0, true), std::pair(2, false)));
  EXPECT_EQ(all.spawn({ChildId(0), 4}), birth_of({3, here}, 4));
}

TEST(SwarmPlacesTest, GatewaysHereOpenOnceAllBeesHaveBeenUp) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {here, here, other})));
  EXPECT_THAT(orders(all.up(ChildId(1))), IsEmpty());
  EXPECT_THAT(orders(all.tell(other, up(two_bees, 1, 1))), IsEmpty());
  EXPECT_THAT(orders(all.up(ChildId(0))), ElementsAre(std::pair(3, true))) << "that of node 2 is not for this one";
  static_cast<void>(all.lose(other));
  EXPECT_THAT(orders(all.tell(other, up(two_bees, 1, 1))), IsEmpty()) << "it is open";
}

TEST(SwarmPlacesTest, GatewaysDoNotWaitForABeeThatNoNodeMayRun) {
  auto all = places();
  EXPECT_THAT(orders(all.tell(other, up(two_bees, 0, 1))), IsEmpty()) << "nothing is decided yet";
  constexpr NodeNumber nowhere = 0;
  EXPECT_THAT(orders(all.place(placement(1, {here, here, nowhere}))),
              ElementsAre(std::pair(0, true), std::pair(1, true)));
  EXPECT_THAT(orders(all.up(ChildId(1))), IsEmpty());
  EXPECT_THAT(orders(all.up(ChildId(0))), ElementsAre(std::pair(3, true)));
}

TEST(SwarmPlacesTest, OtherNodesHearOfWhatIsUpHereAndOfWhatHasEnded) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {here, other, other})));
  const auto birth = all.spawn({ChildId(0), 1});
  EXPECT_THAT(all.presence(), IsEmpty()) << "it is not up yet";
  EXPECT_THAT(all.up(ChildId(0)).news, ElementsAre(ActorPresence{one_bee, 0, birth, PresenceState::up}));
  EXPECT_THAT(all.presence(), SizeIs(1));
  EXPECT_THAT(all.close(ChildId(0), true).news, ElementsAre(ActorPresence{one_bee, 0, birth, PresenceState::ended}));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::gone);
  EXPECT_THAT(all.close(ChildId(0), false).news, ElementsAre(ActorPresence{one_bee, 0, birth, PresenceState::up}));
  EXPECT_THAT(all.close(ChildId(1), true).news, IsEmpty()) << "it is not here";
}

TEST(SwarmPlacesTest, OfBeesThatDrainTheOthersHearThatTheyAreWaitedFor) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {here, here, other})));
  const auto birth = all.spawn({ChildId(0), 1});
  static_cast<void>(all.up(ChildId(0)));
  const ActorPresence draining{one_bee, 0, birth, PresenceState::draining};
  EXPECT_FALSE(all.draining());
  EXPECT_THAT(all.drain(Phase::bees_drain).news, ElementsAre(draining)) << "the second is not up";
  EXPECT_TRUE(all.draining());
  EXPECT_THAT(all.close(ChildId(0), true).news, ElementsAre(draining)) << "it has not ended for good";
  EXPECT_EQ(all.reach(ChildId(0)), Reach::gone) << "here";
  auto said = up(two_bees, 1, 1);
  static_cast<void>(all.tell(other, said));
  said.state = PresenceState::draining;
  EXPECT_THAT(all.tell(other, said).moved, ElementsAre(two_bees));
  EXPECT_EQ(all.reach(ChildId(2)), Reach::away);
}

TEST(SwarmPlacesTest, WhereThisNodeEndsTooWhatDrainsElsewhereIsNotWaitedFor) {
  auto draining = up(one_bee, 0, 1);
  draining.state = PresenceState::draining;
  for (const bool begins_first : {true, false}) {
    auto all = places();
    static_cast<void>(all.place(placement(1, {other, third, here})));
    static_cast<void>(all.tell(third, up(two_bees, 0, 1)));
    if (begins_first) {
      EXPECT_THAT(all.begin_end().moved, IsEmpty());
    }
    EXPECT_THAT(all.tell(other, draining).moved, ElementsAre(one_bee));
    if (!begins_first) {
      EXPECT_THAT(all.begin_end().moved, ElementsAre(one_bee));
    }
    EXPECT_EQ(all.reach(ChildId(0)), Reach::gone);
    EXPECT_THAT(all.lose(other).moved, IsEmpty());
    EXPECT_EQ(all.reach(ChildId(0)), Reach::gone) << "nor when its node has ended";
    EXPECT_EQ(all.reach(ChildId(1)), Reach::elsewhere);
    static_cast<void>(all.lose(third));
    EXPECT_EQ(all.reach(ChildId(1)), Reach::away) << "it may be placed elsewhere";
    static_cast<void>(all.place(placement(2, {third, here, here})));
    EXPECT_EQ(all.reach(ChildId(0)), Reach::away) << "it is";
  }
}

/// A bee, a gateway with clients and a sink; children 0, 1 and 2, 3 and 4.
SwarmPlaces with_sink() {
  const std::vector<NodeNumber> homes{here, other};
  SwarmPlaces all(
      here, {{.replicas = 1}, {.gateway = true, .homes = homes}, {.gateway = true, .sink = true, .homes = homes}});
  const Epoch epoch{1, here};
  const std::vector<Place> both{{here, epoch}, {other, epoch}};
  static_cast<void>(all.place({epoch, {{{here, epoch}}, both, both}, {}}));
  return all;
}
constexpr PartIndex front_of_sink = 1, sink = 2;

ActorPresence of_sink(PresenceState state) {
  auto said = up(sink, 1, 1);
  said.state = state;
  return said;
}

TEST(SwarmPlacesTest, ANodeThatEndsSaysPhaseByPhaseWhatIsToBeSentNothingMore) {
  auto all = with_sink();
  for (const auto child : {0u, 1u, 3u}) {
    static_cast<void>(all.spawn({ChildId(child), 1}));
    static_cast<void>(all.up(ChildId(child)));
  }
  using Said = std::pair<std::uint32_t, PresenceState>;
  const auto said = [&](Phase phase) {
    std::vector<Said> news;
    for (const auto& each : all.drain(phase).news) news.emplace_back(each.part, each.state);
    return news;
  };
  const Said bee{0, PresenceState::draining}, front_drained{1, PresenceState::drained};
  EXPECT_THAT(said(Phase::bees_drain), ElementsAre(bee));
  EXPECT_THAT(said(Phase::sinks_drain), ElementsAre(bee, Said(sink, PresenceState::draining)));
  EXPECT_THAT(said(Phase::drained), ElementsAre(bee, front_drained, Said(sink, PresenceState::drained)));
}

TEST(SwarmPlacesTest, ASinkThatDrainsElsewhereIsLeftWhatItHasUntilItHasDrained) {
  auto all = with_sink();
  static_cast<void>(all.tell(other, of_sink(PresenceState::up)));
  EXPECT_EQ(all.reach(ChildId(4)), Reach::elsewhere);
  EXPECT_THAT(all.tell(other, of_sink(PresenceState::draining)).moved, ElementsAre(sink));
  EXPECT_EQ(all.reach(ChildId(4)), Reach::draining);
  auto cut_off = all;
  EXPECT_THAT(cut_off.lose(other).moved, ElementsAre(sink));
  EXPECT_EQ(cut_off.reach(ChildId(4)), Reach::away);
  EXPECT_THAT(all.tell(other, of_sink(PresenceState::drained)).moved, ElementsAre(sink));
  EXPECT_EQ(all.reach(ChildId(4)), Reach::away) << "its node comes back";
  EXPECT_THAT(all.lose(other).moved, IsEmpty());
}

TEST(SwarmPlacesTest, WhereThisNodeEndsTooASinkThatDrainsElsewhereIsSentToUntilItHasDrained) {
  for (const bool begins_first : {true, false}) {
    for (const bool says_so : {true, false}) {
      auto all = with_sink();
      static_cast<void>(all.tell(other, of_sink(PresenceState::up)));
      if (begins_first) static_cast<void>(all.begin_end());
      static_cast<void>(all.tell(other, of_sink(PresenceState::draining)));
      if (!begins_first) static_cast<void>(all.begin_end());
      EXPECT_EQ(all.reach(ChildId(4)), Reach::elsewhere);
      const auto changes = says_so ? all.tell(other, of_sink(PresenceState::drained)) : all.lose(other);
      EXPECT_THAT(changes.moved, ElementsAre(sink));
      EXPECT_EQ(all.reach(ChildId(4)), Reach::gone);
      EXPECT_THAT(all.lose(other).moved, IsEmpty());
      EXPECT_THAT(all.give_up(other).moved, ElementsAre(front_of_sink)) << "the other gateway";
      EXPECT_EQ(all.reach(ChildId(4)), Reach::gone);
    }
  }
}

TEST(SwarmPlacesTest, WhereThisNodeEndsLaterASinkThatHasDrainedElsewhereIsNotWaitedFor) {
  auto all = with_sink();
  static_cast<void>(all.tell(other, of_sink(PresenceState::up)));
  static_cast<void>(all.tell(other, of_sink(PresenceState::drained)));
  static_cast<void>(all.lose(other));
  auto back = all;
  EXPECT_THAT(all.begin_end().moved, ElementsAre(sink));
  EXPECT_EQ(all.reach(ChildId(4)), Reach::gone);
  static_cast<void>(back.tell(other, of_sink(PresenceState::up)));
  EXPECT_THAT(back.begin_end().moved, IsEmpty());
  EXPECT_EQ(back.reach(ChildId(4)), Reach::elsewhere);
}

TEST(SwarmPlacesTest, ASinkWhoseNodeIsStartedAgainIsWaitedForUnlessThisNodeEndsMeanwhile) {
  for (const bool ends : {true, false}) {
    auto all = with_sink();
    static_cast<void>(all.tell(other, of_sink(PresenceState::drained)));
    static_cast<void>(all.lose(other));
    if (ends) static_cast<void>(all.begin_end());
    const Epoch first{1, here}, again{2, here};
    const std::vector<Place> both{{here, first}, {other, again}};
    static_cast<void>(all.place({again, {{{here, first}}, both, both}, {}}));
    EXPECT_EQ(all.reach(ChildId(4)), ends ? Reach::gone : Reach::away);
    static_cast<void>(all.begin_end());
    EXPECT_EQ(all.reach(ChildId(4)), ends ? Reach::gone : Reach::away);
  }
}

TEST(SwarmPlacesTest, WhereThisNodeEndsTooASinkThatIsLostBeforeItDrainsIsWaitedFor) {
  auto all = with_sink();
  static_cast<void>(all.tell(other, of_sink(PresenceState::up)));
  static_cast<void>(all.begin_end());
  static_cast<void>(all.lose(other));
  EXPECT_EQ(all.reach(ChildId(4)), Reach::away);
}

TEST(SwarmPlacesTest, CountsWhatIsHere) {
  auto all = places();
  EXPECT_EQ(all.count_here(two_bees), 0u);
  static_cast<void>(all.place(placement(1, {other, here, here})));
  EXPECT_EQ(all.count_here(one_bee), 0u);
  EXPECT_EQ(all.count_here(two_bees), 2u);
}

TEST(SwarmPlacesTest, OfAFailedSwarmTheBeesHereHaveEndedAndSoDoThoseThatCome) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {here, other, other})));
  EXPECT_THAT(all.fail().news, SizeIs(1)) << "not the gateway: it goes on to answer";
  const auto changes = all.place(placement(2, {here, here, other}));
  EXPECT_THAT(changes.news, SizeIs(2));
  EXPECT_THAT(orders(changes), ElementsAre(std::pair(0, false)));
  EXPECT_EQ(all.reach(ChildId(1)), Reach::gone);
}

TEST(SwarmPlacesTest, OnlyGatewaysAreGivenUpAndOnlyWhileTheyAreAway) {
  auto all = places();
  static_cast<void>(all.place(placement(1, {other, here, here})));
  static_cast<void>(all.tell(other, up(front, 1, 1)));
  EXPECT_THAT(all.give_up(other).moved, IsEmpty()) << "it is up";
  static_cast<void>(all.lose(other));
  EXPECT_FALSE(all.is_given_up(ChildId(4))) << "its clients may come back";
  EXPECT_THAT(all.give_up(other).moved, ElementsAre(front));
  EXPECT_TRUE(all.is_given_up(ChildId(4)));
  EXPECT_EQ(all.reach(ChildId(0)), Reach::away) << "a bee is placed elsewhere";
  static_cast<void>(all.tell(other, up(front, 1, 1)));
  EXPECT_FALSE(all.is_given_up(ChildId(4)));
}

/// What tables say of a child.
struct Visible {
  explicit Visible(const SwarmPlaces& all, ChildId child)
      : reach(all.reach(child)),
        given_up(all.is_given_up(child)),
        birth(reach == Reach::elsewhere ? all.said_birth(child) : Epoch{}) {}
  Reach reach;
  bool given_up;
  Epoch birth;
  friend bool operator==(const Visible&, const Visible&) = default;
};

TEST(SwarmPlacesTest, WhateverOthersSayTheTablesThatNameWhatHasChangedAreRenewed) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](unsigned end) { return std::uniform_int_distribution<unsigned>(0, end - 1)(random); };
    auto all = places();
    std::uint64_t counter = 0;
    for (int step = 0; step < 60; ++step) {
      std::vector<Visible> before;
      for (unsigned child = 0; child < all.size(); ++child) before.emplace_back(all, ChildId(child));
      const NodeNumber node = other + below(2);
      SwarmPlaces::Changes changes;
      switch (below(7)) {
        case 0:
          changes = all.place(placement(++counter, {below(4), below(4), below(4)}));
          break;
        case 1:
          changes = all.lose(node);
          break;
        case 2:
          changes = all.give_up(node);
          break;
        case 3:
          if (step > 40) changes = all.begin_end();
          break;
        default: {
          const auto part = below(3);
          auto said = up(part, below(part == 0 ? 1 : 2), counter + below(2), 1 + below(3));
          said.state = static_cast<PresenceState>(below(3));
          changes = all.tell(node, said);
        }
      }
      for (unsigned child = 0; child < all.size(); ++child) {
        const Visible now(all, ChildId(child));
        const auto part = all.replica(ChildId(child)).part;
        if (!(now == before[child])) {
          EXPECT_TRUE(changes.moved.contains(part)) << "child " << child << ", step " << step;
        }
      }
    }
  }
}

TEST(SwarmPlacesTest, WhateverWasSaidBeforeTheLastWordOfItsNodeIsWhereAReplicaIsFound) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](unsigned end) { return std::uniform_int_distribution<unsigned>(0, end - 1)(random); };
    auto all = places();
    const auto says_anything = [&] {
      const auto part = below(2);
      static_cast<void>(all.tell(other + below(2), up(part, below(part + 1), below(9), 1 + below(3))));
    };
    for (int step = 0; step < 30; ++step) {
      says_anything();
      if (below(4) == 0) static_cast<void>(all.place(placement(below(9), {below(4), below(4), below(4)})));
    }
    const std::array<NodeNumber, 3> nodes{other + below(2), other + below(2), other + below(2)};
    const std::uint64_t decision = 1 + below(8);  // perhaps an earlier one than what was in force here
    static_cast<void>(all.place(placement(9, nodes, {decision, here})));
    const std::array<std::pair<unsigned, unsigned>, 3> bees{{{0, 0}, {1, 0}, {1, 1}}};
    for (unsigned child = 0; child < 3; ++child) {
      const auto [part, replica] = bees[child];
      static_cast<void>(all.tell(nodes[child], up(part, replica, decision, 7)));
      const auto elsewhere = nodes[child] == other ? third : other;
      static_cast<void>(all.tell(elsewhere, up(part, replica, 1 + below(20), 8)));
      EXPECT_EQ(all.reach(ChildId(child)), Reach::elsewhere) << child;
      EXPECT_EQ(all.said_birth(ChildId(child)), birth_of({decision, here}, 7)) << child;
    }
  }
}

}  // namespace swarm_places_test
}  // namespace skep::detail
