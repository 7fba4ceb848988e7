#include "../../gateways/src/answers_in.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace answers_in_test {

constexpr Epoch gateway{2, 1}, bee{5, 1};

ReplyBatch answers(std::uint64_t first, std::uint64_t count, Epoch to = gateway) {
  ReplyBatch message;
  message.batch.sender = sender_key(1, 0, reply_edge);
  message.batch.edge = reply_edge;
  message.batch.receiver = 3;
  auto& packet = message.batch.packet;
  packet.sender = bee;
  packet.receiver = to;
  packet.first = {first, first};
  packet.bytes = count;
  for (std::uint64_t i = 0; i < count; ++i) packet.records.emplace_back(RecordHeader{}, Payload::raw("x"));
  return message;
}

TEST(AnswersInTest, UnderAtLeastOnceAnAnswerIsDoneAsSoonAsItIsHere) {
  AnswersIn in(gateway, Delivery::at_least_once);
  EXPECT_EQ(in.receive(answers(0, 3), nullptr).size(), 3u);
  const auto acks = in.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].message.edge, reply_edge);
  EXPECT_EQ(acks[0].message.receiver, 3u);
  EXPECT_EQ(acks[0].message.ack.done, 3u);
}

TEST(AnswersInTest, WhatComesAgainIsAcknowledgedAgainAndLeftOut) {
  AnswersIn in(gateway, Delivery::at_least_once);
  EXPECT_EQ(in.receive(answers(0, 2), nullptr).size(), 2u);
  EXPECT_EQ(in.take_acks().size(), 1u);
  EXPECT_EQ(in.receive(answers(0, 3), nullptr).size(), 1u);
  EXPECT_EQ(in.receive(answers(1, 2), nullptr).size(), 0u);
  const auto acks = in.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].message.ack.done, 3u);
}

TEST(AnswersInTest, WhatWasMeantForAnotherPlacementIsNotTaken) {
  AnswersIn in(gateway, Delivery::at_most_once);
  EXPECT_TRUE(in.receive(answers(0, 2, Epoch{1, 1}), nullptr).empty());
  EXPECT_TRUE(in.take_acks().empty());
}

TEST(AnswersInTest, UnderAtMostOnceSendersAreToldNowAndThen) {
  AnswersIn in(gateway, Delivery::at_most_once);
  std::size_t told = 0;
  for (std::uint64_t i = 0; i < 100'000; i += 1000) {
    EXPECT_EQ(in.receive(answers(i, 1000), nullptr).size(), 1000u);
    told += in.take_acks().size();
  }
  EXPECT_GE(told, 1u);
  EXPECT_LE(told, 5u);
}

TEST(AnswersInTest, AnAnswerWithoutASessionIsTakenAsItComes) {
  AnswersIn in(gateway, Delivery::at_least_once);
  auto message = answers(0, 1);
  message.batch.sender = {};
  EXPECT_EQ(in.receive(std::move(message), nullptr).size(), 1u);
  EXPECT_TRUE(in.take_acks().empty());
}

}  // namespace answers_in_test
}  // namespace skep
