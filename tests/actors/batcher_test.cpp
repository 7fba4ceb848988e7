#include "skep/actors/batcher.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "skep/actors/limits.hpp"

namespace skep {
namespace batcher_test {

using namespace std::chrono_literals;
using Time = Batcher::Time;

const Time start = Time{} + 1h;

Record record(std::uint64_t number, Deadline deadline = no_deadline) {
  RecordHeader header;
  header.id = {0, number};
  header.deadline = deadline;
  return Record(header, Payload::raw(""));
}

TEST(BatcherTest, WithoutDelayWhateverHasArrivedIsABatch) {
  Batcher batcher({});
  EXPECT_EQ(batcher.due(), std::nullopt);
  for (std::uint64_t i = 0; i < 5; ++i) batcher.add(record(i), start);
  EXPECT_LE(*batcher.due(), start);
  EXPECT_EQ(batcher.take(start).batch.size(), 5u);
  EXPECT_EQ(batcher.due(), std::nullopt);
}

TEST(BatcherTest, WithoutASizeABatchIsASlice) {
  Batcher batcher({});
  for (std::uint64_t i = 0; i < limits::slice_records_max + 5; ++i) batcher.add(record(i), start);
  EXPECT_EQ(batcher.take(start).batch.size(), limits::slice_records_max);
  EXPECT_EQ(batcher.take(start).batch.size(), 5u);
}

TEST(BatcherTest, SaysWhichOfWhatItTookHaveExpired) {
  Batcher batcher({});
  for (std::uint64_t i = 0; i < 5; ++i) batcher.add(record(i, i % 3 == 1 ? start : no_deadline), start);
  const auto taken = batcher.take(start + 1s);
  EXPECT_EQ(taken.batch.size(), 3u);
  EXPECT_EQ(taken.unwanted_at, (std::vector<std::size_t>{1, 4}));
}

TEST(BatcherTest, ClosesAtTheFirstArrivalPlusDelay) {
  Batcher batcher({.size_max = 4, .delay_max = 2ms});
  batcher.add(record(1), start);
  batcher.add(record(2), start + 1ms);
  EXPECT_EQ(batcher.due(), start + 2ms);
}

TEST(BatcherTest, ClosesAtOnceWhenFull) {
  Batcher batcher({.size_max = 2, .delay_max = 2ms});
  batcher.add(record(1), start);
  batcher.add(record(2), start + 1ms);
  EXPECT_LE(*batcher.due(), start + 1ms);
}

TEST(BatcherTest, ClosesBeforeTheEarliestDeadlineByTheUsualWork) {
  Batcher batcher({.size_max = 4, .delay_max = 1s});
  batcher.worked(10ms);
  batcher.add(record(1, start + 100ms), start);
  batcher.add(record(2, start + 50ms), start);
  EXPECT_EQ(batcher.due(), start + 40ms - limits::batch_deadline_margin);
}

TEST(BatcherTest, TheUsualWorkFollowsWhatIsMeasured) {
  Batcher batcher({});
  batcher.worked(8ms);
  EXPECT_EQ(batcher.usual_work(), 8ms);
  batcher.worked(16ms);
  EXPECT_EQ(batcher.usual_work(), 9ms);
  for (int i = 0; i < 100; ++i) batcher.worked(16ms);
  EXPECT_GT(batcher.usual_work(), 15ms);
}

TEST(BatcherTest, ExpiredRecordsAreTakenOutAndLeaveTheirPlaceToOthers) {
  Batcher batcher({.size_max = 2, .delay_max = 1s});
  batcher.add(record(1, start - 1ns), start);
  batcher.add(record(2), start);
  batcher.add(record(3, start), start);
  const auto taken = batcher.take(start);
  ASSERT_EQ(taken.unwanted.size(), 1u);
  EXPECT_EQ(taken.unwanted[0].id().low, 1u);
  EXPECT_EQ(taken.batch.size(), 2u) << "a deadline that is now has not passed";
}

TEST(BatcherTest, RecordsOfClientsThatLeftAreTakenOutToo) {
  DepartedSessions departed;
  Batcher batcher({.size_max = 2, .delay_max = 1s}, &departed);
  RecordHeader header;
  header.origin = {1, 1, 99, 5, 1};
  header.deadline = start + 5s;
  batcher.add(Record(header, Payload::raw("x")), start);
  batcher.add(record(2), start);
  departed.add(header.origin, header.deadline);
  const auto taken = batcher.take(start);
  ASSERT_EQ(taken.unwanted.size(), 1u);
  EXPECT_EQ(taken.unwanted[0].origin().session, 5u);
  EXPECT_EQ(taken.batch.size(), 1u);
}

TEST(BatcherTest, AnySequenceLosesNothingKeepsOrderAndClosesInTime) {
  EXPECT_TRUE(rc::check([] {
    const BatchSettings settings{*rc::gen::inRange(0u, 6u), std::chrono::milliseconds(*rc::gen::inRange(0, 4))};
    Batcher batcher(settings);
    auto now = start;
    std::uint64_t added = 0, taken = 0, last = 0;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3))) {
      now += std::chrono::microseconds(*rc::gen::inRange(0, 1500));
      if (step != 0) {
        const bool hurried = *rc::gen::arbitrary<bool>();
        batcher.add(record(++added, hurried ? now + 3ms : no_deadline), now);
      }
      RC_ASSERT(batcher.due().has_value() == (batcher.size() != 0));
      if (!batcher.due()) continue;
      if (step == 2) RC_ASSERT(*batcher.due() <= now + settings.delay_max);
      if (*batcher.due() > now) continue;
      const auto out = batcher.take(now);
      RC_ASSERT(out.batch.size() <= batcher.size_max());
      for (const auto& each : out.batch) {
        RC_ASSERT(each.id().low > last);
        RC_ASSERT(each.deadline() >= now);
        last = each.id().low;
      }
      for (const auto& each : out.unwanted) RC_ASSERT(each.deadline() < now);
      taken += out.batch.size() + out.unwanted.size();
    }
    RC_ASSERT(taken + batcher.size() == added);
  }));
}

}  // namespace batcher_test
}  // namespace skep
