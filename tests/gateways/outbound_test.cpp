#include "../../gateways/src/outbound.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace outbound_test {

RecordBatch batch(std::uint32_t receiver, std::initializer_list<const char*> texts) {
  RecordBatch batch{sender_key(1, 0, receiver), 2, receiver, {.prompt = true}};
  for (const auto* text : texts) batch.packet.records.emplace_back(RecordHeader{}, Payload::raw(text));
  batch.packet.bytes = texts.size();
  return batch;
}

TEST(OutboundTest, AcceptsOnlyWhatWasHandedOut) {
  Outbound outbound({});
  outbound.add(batch(0, {"a", "b", "c"}), {});
  for (const auto& ack : outbound.take_acks()) EXPECT_EQ(ack.message.ack.released.records, 0u);
  EXPECT_EQ(outbound.front().text(), "a");
  outbound.hand_out();
  auto acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].message.ack.released.records, 1u);
  outbound.hand_out();
  outbound.hand_out();
  EXPECT_TRUE(outbound.empty());
  acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 1u) << "two at once";
  EXPECT_EQ(acks[0].message.ack.released.records, 3u);
  EXPECT_EQ(acks[0].message.edge, 2u);
}

std::uint64_t done(Outbound& outbound) {
  const auto acks = outbound.take_acks();
  return acks.empty() ? 0 : acks.back().message.ack.done;
}

TEST(OutboundTest, UnderAtLeastOnceARecordIsDoneOnceItHasGone) {
  Outbound outbound({.delivery = Delivery::at_least_once});
  outbound.add(batch(0, {"a", "b", "c"}), {});
  outbound.hand_out();
  outbound.hand_out();
  EXPECT_EQ(done(outbound), 0u);
  outbound.done({{1, 2}});
  EXPECT_EQ(done(outbound), 0u) << "all before it are not";
  outbound.done({{0, 1}});
  EXPECT_EQ(done(outbound), 2u);
  outbound.drop();
  EXPECT_EQ(done(outbound), 3u);
}

TEST(OutboundTest, UnderAtLeastOnceWhatNobodyGotGoesFirstAndInItsOrder) {
  Outbound outbound({.delivery = Delivery::at_least_once});
  outbound.add(batch(0, {"a", "b", "c", "d", "e"}), {});
  for (int i = 0; i < 4; ++i) outbound.hand_out();
  EXPECT_EQ(outbound.take_back({{2, 3}}), 1u);
  EXPECT_EQ(outbound.take_back({{0, 1}, {3, 4}}), 2u);
  outbound.done({{1, 2}});
  EXPECT_EQ(outbound.waiting(), 4u);
  std::string order;
  for (int i = 0; i < 3; ++i) {
    order += outbound.front().text();
    outbound.hand_out();
  }
  EXPECT_EQ(order, "acd");
  EXPECT_EQ(outbound.take_back({{4, 7}}), 3u) << "their new numbers";
  order.clear();
  for (; !outbound.empty(); outbound.hand_out()) order += outbound.front().text();
  EXPECT_EQ(order, "acde");
  outbound.done({{7, 11}});
  EXPECT_EQ(done(outbound), 5u);
}

TEST(OutboundTest, UnderAtMostOnceNothingIsKept) {
  Outbound outbound({});
  outbound.add(batch(0, {"a"}), {});
  outbound.hand_out();
  EXPECT_EQ(outbound.take_back({{0, 1}}), 0u);
  EXPECT_TRUE(outbound.empty());
}

TEST(OutboundTest, KeepsTheOrderOfBatchesAndTheirSessionsApart) {
  Outbound outbound({});
  outbound.add(batch(0, {"a"}), {});
  outbound.add(batch(2, {"b"}), {});
  EXPECT_EQ(outbound.waiting(), 2u);
  outbound.hand_out();
  EXPECT_EQ(outbound.front().text(), "b");
  outbound.hand_out();
  const auto acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 2u);
  EXPECT_EQ(acks[0].message.receiver, 0u);
  EXPECT_EQ(acks[1].message.receiver, 2u);
}

}  // namespace outbound_test
}  // namespace skep
