#include "placement/placement.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

namespace skep {
namespace placement_test {

using Numbers = std::vector<NodeNumber>;

Member member(NodeNumber number, std::vector<std::string> labels = {}, std::uint32_t capacity = 1) {
  return {.number = number, .labels = std::move(labels), .capacity = capacity};
}

PartNeed bee(std::uint32_t replicas, std::vector<std::string> labels = {}) {
  return {.replicas = replicas, .labels = std::move(labels)};
}

PartNeed gateway(std::vector<std::string> labels = {}) {
  return {.labels = std::move(labels), .on_each = true};
}

Numbers nodes(const Placement& placement, std::size_t part) {
  Numbers all;
  for (const auto& place : placement.parts[part]) all.push_back(place.node);
  return all;
}

Placement first(const PlacementNeeds& needs, const std::vector<Member>& members) {
  return place(needs, members, {}, {1, 1});
}

TEST(PlacementTest, SpreadsReplicasOfAPartOverMembers) {
  const auto placement = first({{bee(4)}}, {member(1), member(2), member(3)});
  EXPECT_EQ(nodes(placement, 0), (Numbers{1, 2, 3, 1}));
  EXPECT_EQ(placement.epoch, (Epoch{1, 1}));
  for (const auto& place : placement.parts[0]) EXPECT_EQ(place.epoch, (Epoch{1, 1}));
}

TEST(PlacementTest, SpreadsPartsOverMembersToo) {
  const auto placement = first({{bee(1), bee(1), bee(1)}}, {member(1), member(2)});
  EXPECT_EQ(nodes(placement, 0), Numbers{1});
  EXPECT_EQ(nodes(placement, 1), Numbers{2});
  EXPECT_EQ(nodes(placement, 2), Numbers{1});
}

TEST(PlacementTest, SharesGoByCapacityOnceEachHasOne) {
  const std::vector<Member> members{member(1, {}, 1), member(2, {}, 4)};
  EXPECT_EQ(nodes(first({{bee(2)}}, members), 0), (Numbers{1, 2})) << "one each: so that one may be lost";
  const auto ten = first({{bee(10)}}, members);
  EXPECT_EQ(ten.placed_on(1), 2u);
  EXPECT_EQ(ten.placed_on(2), 8u);
}

TEST(PlacementTest, AMemberMustHaveAllLabels) {
  const std::vector<Member> members{member(1, {"a"}), member(2, {"b", "gpu"}), member(3, {"c", "gpu", "fast"})};
  const auto placement = first({{bee(2, {"gpu"}), bee(2, {"gpu", "fast"}), bee(1, {"a"})}}, members);
  EXPECT_EQ(nodes(placement, 0), (Numbers{2, 3}));
  EXPECT_EQ(nodes(placement, 1), (Numbers{3, 3}));
  EXPECT_EQ(nodes(placement, 2), Numbers{1});
}

TEST(PlacementTest, WhatNoMemberMayRunIsNowhereUntilOneMay) {
  const PlacementNeeds needs{{bee(2, {"gpu"})}};
  const auto none = first(needs, {member(1), member(2)});
  EXPECT_EQ(nodes(none, 0), (Numbers{0, 0}));
  const auto later = place(needs, {member(1), member(2), member(3, {"gpu"})}, none, {2, 1});
  EXPECT_EQ(nodes(later, 0), (Numbers{3, 3}));
  EXPECT_EQ(later.parts[0][0].epoch, (Epoch{2, 1}));
}

TEST(PlacementTest, AGatewayIsOnEachMemberThatMatches) {
  const auto placement = first({{gateway(), gateway({"edge"}), bee(1)}}, {member(1), member(2, {"edge"}), member(5)});
  EXPECT_EQ(nodes(placement, 0), (Numbers{1, 2, 5}));
  EXPECT_EQ(nodes(placement, 1), Numbers{2});
  EXPECT_EQ(nodes(placement, 2), Numbers{1}) << "gateways are no load";
}

TEST(PlacementTest, OnlyWhatWasLostMoves) {
  const PlacementNeeds needs{{bee(3), gateway()}};
  const auto before = first(needs, {member(1), member(2), member(3)});
  const auto after = place(needs, {member(1), member(3)}, before, {2, 1});
  EXPECT_EQ(nodes(after, 0), (Numbers{1, 1, 3}));
  EXPECT_EQ(after.parts[0][0].epoch, (Epoch{1, 1})) << "its sessions go on";
  EXPECT_EQ(after.parts[0][1].epoch, (Epoch{2, 1}));
  EXPECT_EQ(nodes(after, 1), (Numbers{1, 2, 3})) << "a gateway has nowhere else to go";
}

TEST(PlacementTest, AMemberThatComesBackIsEmptyAndMovesNothing) {
  const PlacementNeeds needs{{bee(3), gateway()}};
  const std::vector<Member> all{member(1), member(2), member(3)};
  const auto without = place(needs, {member(1), member(3)}, first(needs, all), {2, 1});
  const auto again = place(needs, all, without, {3, 1});
  EXPECT_EQ(again.parts[0], without.parts[0]);
  EXPECT_EQ(again.parts[1], without.parts[1]) << "its gateways are where they were";
}

TEST(PlacementTest, WhatALabelNoLongerAllowsMoves) {
  const PlacementNeeds needs{{bee(1, {"gpu"}), gateway({"gpu"})}};
  const auto before = first(needs, {member(1, {"gpu"}), member(2)});
  const auto after = place(needs, {member(1), member(2, {"gpu"})}, before, {2, 2});
  EXPECT_EQ(nodes(after, 0), Numbers{2});
  EXPECT_EQ(nodes(after, 1), Numbers{2});
}

TEST(PlacementTest, AGroupIsOnOneMemberThatHasAllLabels) {
  const PlacementNeeds needs{{bee(2), gateway(), bee(1, {"gpu"})}, true};
  const std::vector<Member> members{member(1), member(2, {"gpu"}), member(3, {"gpu"}, 4)};
  const auto before = first(needs, members);
  EXPECT_EQ(nodes(before, 0), (Numbers{3, 3})) << "with the most room";
  EXPECT_EQ(nodes(before, 2), Numbers{3});
  EXPECT_EQ(nodes(before, 1), (Numbers{1, 2, 3}));
  const auto after = place(needs, {members[0], members[1]}, before, {2, 1});
  EXPECT_EQ(nodes(after, 0), (Numbers{2, 2}));
  EXPECT_EQ(nodes(after, 2), Numbers{2});
  const auto back = place(needs, members, after, {3, 1});
  EXPECT_EQ(back.parts[0], after.parts[0]) << "it stays";
  EXPECT_EQ(nodes(place(needs, {member(1)}, after, {3, 1}), 0), (Numbers{0, 0}));
}

/// Members, parts and losses as they come.
TEST(PlacementTest, HoldsWhatItPromisesInAnyHistory) {
  EXPECT_TRUE(rc::check("placement", [] {
    const std::vector<std::string> words{"a", "b", "c"};
    const auto labels = [&] { return *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(words)); };
    PlacementNeeds needs;
    const auto parts = *rc::gen::inRange(1, 5);
    for (int part = 0; part < parts; ++part) {
      auto wanted = labels();
      wanted.resize(std::min<std::size_t>(wanted.size(), 1));
      needs.parts.push_back({*rc::gen::inRange(1u, 6u), wanted, *rc::gen::inRange(0, 4) == 0});
    }
    std::vector<Member> all;
    for (NodeNumber number = 1; number <= 5; ++number)
      all.push_back(member(number, labels(), *rc::gen::inRange(1u, 4u)));

    Placement before;
    for (std::uint64_t decision = 1; decision <= 6; ++decision) {
      std::vector<Member> there;
      for (const auto& one : all) {
        if (*rc::gen::inRange(0, 4) != 0) there.push_back(one);
      }
      const auto after = place(needs, there, before, {decision, 1});
      RC_ASSERT(after == place(needs, there, before, Epoch{decision, 1}));
      for (std::size_t part = 0; part < needs.parts.size(); ++part) {
        const auto& need = needs.parts[part];
        const auto matching = std::ranges::count_if(there, [&](const Member& m) { return m.has_all(need.labels); });
        if (!need.on_each) RC_ASSERT(after.parts[part].size() == need.replicas);
        std::map<NodeNumber, std::uint32_t> counts;
        for (std::size_t replica = 0; replica < after.parts[part].size(); ++replica) {
          const auto& now = after.parts[part][replica];
          ++counts[now.node];
          if (need.on_each && std::ranges::find(there, now.node, &Member::number) == there.end()) {
            RC_ASSERT(std::ranges::count(before.parts[part], now) == 1);  // away, and where it was
            continue;
          }
          if (matching == 0) {
            RC_ASSERT(now.node == 0u);
            continue;
          }
          const auto at = std::ranges::find(there, now.node, &Member::number);
          RC_ASSERT(at != there.end());
          RC_ASSERT(at->has_all(need.labels));
          if (need.on_each || before.parts.empty()) continue;
          const auto& then = before.parts[part][replica];
          const auto still = std::ranges::find(there, then.node, &Member::number) != there.end();
          RC_ASSERT((still ? now == then : now.epoch == after.epoch));
        }
        if (need.on_each) {
          for (const auto& [node, count] : counts) RC_ASSERT(count == 1u);
          for (const auto& one : there) RC_ASSERT(counts.contains(one.number) == one.has_all(need.labels));
        } else if (before.parts.empty() && matching > 0 && need.replicas >= static_cast<std::uint32_t>(matching)) {
          RC_ASSERT(counts.size() == static_cast<std::size_t>(matching));  // one each, before any has two
        }
      }
      before = after;
    }
  }));
}

}  // namespace placement_test
}  // namespace skep
