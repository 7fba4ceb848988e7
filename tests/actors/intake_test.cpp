#include "../../actors/src/intake.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace intake_test {

using namespace std::chrono_literals;

RecordBatch message(std::uint32_t sender, std::size_t records, bool alone) {
  EdgePacket packet{.sender = {1, sender}, .receiver = {1, 1}, .prompt = true, .alone = alone};
  for (std::size_t i = 0; i < records; ++i) packet.records.emplace_back(RecordHeader{}, Payload::raw("x"));
  packet.bytes = records;
  return RecordBatch{sender_key(1, sender, 0), 0, 0, std::move(packet)};
}

TEST(IntakeTest, ARecordThatIsToBeAloneWaitsForTheRestOfABatchToo) {
  Intake intake(BatchSettings{.size_max = 2}, {.self = {1, 1}, .delivery = Delivery::at_least_once});
  intake.add(message(0, 2, false), nullptr);
  ASSERT_TRUE(intake.next({}, Intake::Flush::no, true));
  static_cast<void>(intake.take_inputs(1));
  intake.done(1);  // and then the bee failed: the rest waits for the next object
  intake.add(message(1, 1, true), nullptr);
  static_cast<void>(intake.take_acks(0));
  ASSERT_TRUE(intake.next({}, Intake::Flush::no, true));
  EXPECT_TRUE(intake.take_acks(0).empty()) << "it is not taken up";
  EXPECT_EQ(intake.work().size(), 1u) << "the rest of the batch";
  static_cast<void>(intake.take_inputs(1));
  intake.done(1);
  ASSERT_TRUE(intake.next({}, Intake::Flush::yes, true));
  const auto acks = intake.take_acks(0);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].message.ack.released.records, 1u);
}

}  // namespace intake_test
}  // namespace skep
