#include "skep/actors/in_edges.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace in_edges_test {

constexpr Epoch self{1, 9};
constexpr SenderKey left{1}, right{2};

Record record() {
  return Record(RecordHeader{}, Payload::raw("x"));
}

EdgePacket packet(Epoch sender, std::uint64_t first, std::uint64_t count) {
  EdgePacket packet{.sender = sender, .receiver = self, .first = {first, first}, .bytes = count};
  for (std::uint64_t i = 0; i < count; ++i) packet.records.push_back(record());
  return packet;
}

EdgePacket asking(EdgePacket packet, std::uint64_t asks, std::uint64_t more) {
  const auto spent = packet.first + Quantity{packet.records.size(), packet.records.size()};
  packet.asks = asks;
  packet.demand = {spent, spent + Quantity{more, more}, spent.bytes + 1};
  return packet;
}

std::vector<SenderKey> told(InEdges& edges) {
  std::vector<SenderKey> all;
  for (const auto& due : edges.take_acks()) all.push_back(due.to);
  return all;
}

TEST(InEdgesTest, SendersShareOneBudget) {
  InEdges edges({.self = self, .credit = {{10, 1000}, {0, 0}}});
  static_cast<void>(edges.receive(left, asking(packet({1, 1}, 0, 0), 1, 8)));
  static_cast<void>(edges.receive(right, asking(packet({1, 2}, 0, 0), 1, 8)));
  const auto acks = edges.take_acks();
  ASSERT_EQ(acks.size(), 2u);
  EXPECT_EQ(acks[0].ack.granted.records + acks[1].ack.granted.records, 10u);
}

TEST(InEdgesTest, DefaultsAreThoseOfTheLimits) {
  InEdges edges({.self = self});
  static_cast<void>(edges.receive(left, asking(packet({1, 1}, 0, 0), 1, 2 * limits::credit_records)));
  EXPECT_EQ(edges.credit().held().records, limits::credit_records);
  static_cast<void>(edges.receive(right, packet({1, 2}, 0, 0)));
  edges.close(left);
  edges.close(right);
  static_cast<void>(edges.receive(right, packet({2, 2}, 0, 0)));
  EXPECT_EQ(edges.credit().held(), (Quantity{limits::credit_share_records, limits::credit_share_bytes}));
  auto large = asking(packet({2, 2}, 0, 0), 1, 1);
  large.demand.all.bytes = large.demand.next_bytes = limits::credit_bytes;
  static_cast<void>(edges.receive(right, large));
  EXPECT_EQ(edges.credit().held().bytes, limits::credit_bytes);
}

TEST(InEdgesTest, SendersOnOtherNodesShareACreditOfTheirOwnThatFollowsThePaceOfTheBee) {
  using From = InEdges::From;
  constexpr std::uint32_t slow = std::chrono::nanoseconds(limits::remote_credit_time).count();
  constexpr auto fast = static_cast<std::uint32_t>(slow / limits::remote_credit_records_max);
  InEdges edges({.self = self});
  static_cast<void>(edges.receive(left, packet({1, 1}, 0, 0)));
  const auto session = edges.receive(right, packet({1, 2}, 0, 60), From::other_node).session;
  EXPECT_EQ(edges.credit().held().records, limits::credit_share_records);
  EXPECT_EQ(edges.credit_of_other_nodes().held().records, limits::credit_records / 8) << "no pace is known";
  static_cast<void>(edges.take_acks(fast));
  edges.accepted(session, {1, 1});
  const Quantity most{limits::remote_credit_records_max / 8, limits::remote_credit_bytes_max / 8};
  EXPECT_EQ(edges.credit_of_other_nodes().held(), most);
  EXPECT_EQ(told(edges), std::vector{right});
  static_cast<void>(edges.take_acks(slow));
  edges.accepted(session, {1, 1});
  EXPECT_EQ(edges.credit_of_other_nodes().held().records, most.records - 1) << "what is granted stays granted";
  edges.accepted(session, {58, 58});
  EXPECT_EQ(edges.credit_of_other_nodes().held().records, most.records - 59) << "and is not granted anew";
  EXPECT_EQ(edges.credit().held().records, limits::credit_share_records);
}

TEST(InEdgesTest, ALaterPlacementOfASenderReplacesTheEarlierOne) {
  InEdges edges({.self = self});
  const auto before = edges.receive(left, packet({1, 1}, 0, 3));
  const auto after = edges.receive(left, packet({2, 1}, 0, 2));
  EXPECT_EQ(after.verdict, InEdges::Verdict::in_order);
  EXPECT_EQ(edges.receive(left, packet({1, 1}, 3, 1)).verdict, InEdges::Verdict::stale);
  EXPECT_EQ(edges.queued().records, 5u) << "the bee still has what came before";
  EXPECT_EQ(edges.sessions(), 2u);
  edges.accepted(before.session, {3, 3});
  EXPECT_EQ(edges.queued().records, 2u);
  EXPECT_EQ(edges.size(), 1u);
  EXPECT_EQ(edges.sessions(), 1u) << "the earlier one is empty now, and gone";
}

TEST(InEdgesTest, EpochsAreComparedByTheirCountFirst) {
  EXPECT_LT((Epoch{1, 9}), (Epoch{2, 1}));
  EXPECT_LT((Epoch{2, 1}), (Epoch{2, 2}));
}

TEST(InEdgesTest, AFenceMakesEarlierPlacementsStaleBeforeTheLaterOneSpeaks) {
  InEdges edges({.self = self});
  static_cast<void>(edges.receive(left, packet({1, 1}, 0, 1)));
  edges.fence(left, {2, 1});
  EXPECT_EQ(edges.receive(left, packet({1, 1}, 1, 1)).verdict, InEdges::Verdict::stale);
  EXPECT_EQ(edges.receive(left, packet({2, 1}, 0, 1)).verdict, InEdges::Verdict::in_order);
}

TEST(InEdgesTest, WithoutFencesStalePacketsAreTaken) {
  InEdges edges({.self = self, .faults = {.no_fence = true}});
  static_cast<void>(edges.receive(left, packet({2, 1}, 0, 1)));
  EXPECT_NE(edges.receive(left, packet({1, 1}, 1, 1)).verdict, InEdges::Verdict::stale);
}

TEST(InEdgesTest, ASenderThatClosesGivesItsCreditBack) {
  InEdges edges({.self = self});
  static_cast<void>(edges.receive(left, asking(packet({1, 1}, 0, 0), 1, 100)));
  EXPECT_EQ(edges.credit().held().records, 100u);
  edges.close(left);
  EXPECT_EQ(edges.credit().held(), Quantity{});
  EXPECT_EQ(edges.size(), 0u);
}

TEST(InEdgesTest, ASenderWithCreditLeftHearsOfMoreOnlyWhenHalfOfItsShareIsNew) {
  InEdges edges({.self = self, .credit = {{100, 10000}, {8, 800}}});
  static_cast<void>(edges.receive(left, packet({1, 1}, 0, 0)));
  ASSERT_EQ(told(edges).size(), 1u) << "it asked for an acknowledgement";
  const auto session = edges.receive(left, packet({1, 1}, 0, 8)).session;
  edges.accepted(session, {3, 3});
  EXPECT_TRUE(told(edges).empty());
  edges.accepted(session, {1, 1});
  EXPECT_EQ(told(edges).size(), 1u);
}

TEST(InEdgesTest, APromptSenderHearsOfEveryAcceptance) {
  InEdges edges({.self = self});
  auto first = packet({1, 1}, 0, 2);
  first.prompt = true;
  const auto session = edges.receive(left, first).session;
  edges.accepted(session, {1, 1});
  const auto acks = edges.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].ack.released.records, 1u);
}

TEST(InEdgesTest, UnderAtLeastOnceDoneIsAcknowledgedUpToTheFirstThatIsNot) {
  InEdges edges({.self = self, .delivery = Delivery::at_least_once});
  const auto session = edges.receive(left, packet({1, 1}, 0, 3)).session;
  edges.accepted(session, {3, 3});
  static_cast<void>(edges.take_acks());
  edges.done(session, 1, 2);
  EXPECT_TRUE(told(edges).empty());
  edges.done(session, 0, 1);
  const auto acks = edges.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].ack.done, 3u);
}

TEST(InEdgesTest, WhatIsDoneOfASessionThatIsGoneIsIgnored) {
  InEdges edges({.self = self, .delivery = Delivery::at_least_once});
  const auto session = edges.receive(left, packet({1, 1}, 0, 1)).session;
  edges.accepted(session, {1, 1});
  edges.close(left);
  edges.done(session, 0, 1);
  EXPECT_TRUE(told(edges).empty());
}

TEST(InEdgesTest, APacketOfMoreRecordsAndFewerBytesThanWasExpectedChangesNothing) {
  for (const auto delivery : {Delivery::at_most_once, Delivery::at_least_once}) {
    InEdges edges({.self = self, .delivery = delivery});
    const auto one = edges.receive(left, packet({1, 1}, 0, 3));
    auto broken = packet({1, 1}, 5, 1);
    broken.first.bytes = 2;
    const auto received = edges.receive(left, broken);
    EXPECT_EQ(received.verdict, InEdges::Verdict::early);
    EXPECT_EQ(received.repeated, 1u);
    EXPECT_EQ(received.lost, 0u);
    EXPECT_EQ(edges.queued(), (Quantity{3, 3}));
    edges.accepted(one.session, {3, 3});
    EXPECT_EQ(edges.receive(left, packet({1, 1}, 3, 1)).verdict, InEdges::Verdict::in_order);
  }
}

}  // namespace in_edges_test
}  // namespace skep
