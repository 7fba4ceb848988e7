#include "../../gateways/src/outbound.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace {

RecordBatch batch(std::uint32_t receiver, std::initializer_list<const char*> texts) {
  RecordBatch batch{sender_key(1, 0, receiver), 2, receiver, {.prompt = true}};
  for (const auto* text : texts) batch.packet.records.emplace_back(RecordHeader{}, Payload::raw(text));
  batch.packet.bytes = texts.size();
  return batch;
}

TEST(OutboundTest, AcceptsOnlyWhatWasTaken) {
  Outbound outbound({});
  outbound.add(batch(0, {"a", "b", "c"}), {});
  for (const auto& ack : outbound.take_acks()) EXPECT_EQ(ack.message.ack.released.records, 0u);
  EXPECT_EQ(outbound.front().text(), "a");
  outbound.pop();
  auto acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].message.ack.released.records, 1u);
  outbound.pop();
  outbound.pop();
  EXPECT_TRUE(outbound.empty());
  acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 1u) << "two at once";
  EXPECT_EQ(acks[0].message.ack.released.records, 3u);
  EXPECT_EQ(acks[0].message.edge, 2u);
}

TEST(OutboundTest, UnderAtLeastOnceWhatWasTakenIsDone) {
  Outbound outbound({.delivery = Delivery::at_least_once});
  outbound.add(batch(0, {"a", "b"}), {});
  outbound.pop();
  const auto acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].message.ack.done, 1u);
}

TEST(OutboundTest, KeepsTheOrderOfBatchesAndTheirSessionsApart) {
  Outbound outbound({});
  outbound.add(batch(0, {"a"}), {});
  outbound.add(batch(2, {"b"}), {});
  EXPECT_EQ(outbound.waiting(), 2u);
  outbound.pop();
  EXPECT_EQ(outbound.front().text(), "b");
  outbound.pop();
  const auto acks = outbound.take_acks();
  ASSERT_EQ(acks.size(), 2u);
  EXPECT_EQ(acks[0].message.receiver, 0u);
  EXPECT_EQ(acks[1].message.receiver, 2u);
}

}  // namespace
}  // namespace skep
