#include "../../gateways/src/outbound.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace {

RecordBatch batch(std::uint32_t receiver, std::initializer_list<const char*> texts) {
  RecordBatch batch{1, 2, receiver, {}};
  for (const auto* text : texts) batch.records.emplace_back(RecordHeader{}, Payload::raw(text));
  return batch;
}

TEST(OutboundTest, GrantsOnlyWhatWasTaken) {
  Outbound outbound;
  outbound.add({}, batch(0, {"a", "b", "c"}));
  EXPECT_TRUE(outbound.take_grants().empty());
  EXPECT_EQ(outbound.front().text(), "a");
  outbound.pop();
  auto grants = outbound.take_grants();
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(grants[0].credit.records, 1u);
  outbound.pop();
  outbound.pop();
  EXPECT_TRUE(outbound.empty());
  grants = outbound.take_grants();
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(grants[0].credit.records, 2u);
  EXPECT_EQ(grants[0].credit.generation, 1u);
  EXPECT_EQ(grants[0].credit.edge, 2u);
}

TEST(OutboundTest, KeepsTheOrderOfBatchesAndTheirWindowsApart) {
  Outbound outbound;
  outbound.add({}, batch(0, {"a"}));
  outbound.add({}, batch(1, {}));
  outbound.add({}, batch(2, {"b"}));
  EXPECT_EQ(outbound.waiting(), 2u);
  outbound.pop();
  EXPECT_EQ(outbound.front().text(), "b");
  outbound.pop();
  const auto grants = outbound.take_grants();
  ASSERT_EQ(grants.size(), 2u);
  EXPECT_EQ(grants[0].credit.receiver, 0u);
  EXPECT_EQ(grants[1].credit.receiver, 2u);
}

}  // namespace
}  // namespace skep
