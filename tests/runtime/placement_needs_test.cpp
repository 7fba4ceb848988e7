#include "placement/placement_needs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skep {
namespace placement_needs_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PartNeed bee(std::vector<std::string> labels = {}) {
  return {.labels = std::move(labels)};
}

PartNeed gateway(std::vector<std::string> labels = {}) {
  return {.labels = std::move(labels), .on_each = true};
}

const std::vector<ClusterNode> nodes{{.name = "a", .address = "h:1", .labels = {"gpu"}, .capacity = 2},
                                     {.name = "b", .address = "i:1", .labels = {"big"}}};

TEST(PlacementNeedsTest, AreBeesThenGatewaysInTheOrderOfThePlan) {
  SwarmPlan plan;
  plan.bees.resize(2);
  plan.bees[0].spec.replicas = 4;
  plan.bees[1].spec.nodes = {"gpu", "big"};
  plan.gateways.resize(1);
  plan.gateways[0].spec.nodes = {"edge"};
  const auto needs = placement_needs(plan);
  ASSERT_EQ(needs.parts.size(), 3u);
  EXPECT_EQ(needs.parts[0].replicas, 4u);
  EXPECT_THAT(needs.parts[0].labels, IsEmpty());
  EXPECT_FALSE(needs.parts[0].on_each);
  EXPECT_EQ(needs.parts[1].replicas, 1u);
  EXPECT_THAT(needs.parts[1].labels, ElementsAre("gpu", "big"));
  EXPECT_TRUE(needs.parts[2].on_each);
  EXPECT_THAT(needs.parts[2].labels, ElementsAre("edge"));
}

TEST(PlacementNeedsTest, GroupStrategiesKeepBeesTogether) {
  SwarmPlan plan;
  EXPECT_FALSE(placement_needs(plan).together);
  for (const auto strategy : {Strategy::one_for_all, Strategy::rest_for_one}) {
    plan.supervision.strategy = strategy;
    EXPECT_TRUE(placement_needs(plan).together);
  }
}

TEST(PlacementNeedsTest, MembersAreNumberedInOrderAndHaveTheirNameAsALabel) {
  const auto members = members_of(nodes);
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].number, 1u);
  EXPECT_EQ(members[0].capacity, 2u);
  EXPECT_TRUE(members[0].has_all({"a", "gpu"}));
  EXPECT_EQ(members[1].number, 2u);
  EXPECT_FALSE(members[1].has_all({"a"}));
}

TEST(PlacementNeedsTest, LabelsThatNoMemberHasAllOfHaveNoPlace) {
  const auto members = members_of(nodes);
  EXPECT_TRUE(unplaceable({{bee(), bee({"gpu"}), bee({"b"}), gateway({"big", "b"})}}, members).none());
  EXPECT_THAT(unplaceable({{bee({"gpu", "big"}), bee({"a"}), gateway({"edge"})}}, members).parts, ElementsAre(0, 2));
}

TEST(PlacementNeedsTest, AGroupThatNoMemberCanRunHasNoPlace) {
  const auto members = members_of(nodes);
  EXPECT_FALSE(unplaceable({{bee({"gpu"}), bee({"big"})}}, members).group) << "it is none";
  EXPECT_TRUE(unplaceable({{bee({"gpu"}), bee({"big"})}, true}, members).group);
  EXPECT_TRUE(unplaceable({{bee({"gpu"}), bee({"a"}), bee()}, true}, members).none());
  EXPECT_TRUE(unplaceable({{bee({"gpu"}), gateway({"big"})}, true}, members).none()) << "gateways are outside it";
  EXPECT_FALSE(unplaceable({{bee({"gpu"}), bee({"x"})}, true}, members).group) << "that is told of the bee";
  EXPECT_TRUE(unplaceable({{gateway()}, true}, members).none());
}

/// What `place` makes of it, and what this says beforehand, agree.
TEST(PlacementNeedsTest, WhatHasNoPlaceIsPlacedNowhere) {
  const auto members = members_of(nodes);
  for (const bool together : {false, true}) {
    const PlacementNeeds needs{{bee({"gpu"}), bee({"big"}), bee({"a", "b"}), gateway({"big"})}, together};
    const auto lost = unplaceable(needs, members);
    const auto placement = place(needs, members, {}, {1, 1});
    EXPECT_THAT(lost.parts, ElementsAre(2));
    EXPECT_EQ(placement.parts[2].at(0).node, 0u);
    EXPECT_EQ(placement.parts[3].size(), 1u);
  }
}

}  // namespace placement_needs_test
}  // namespace skep
