// What a hosted bee measures, on virtual time: a clock that only bees and tests move.
#include <numeric>

#include "bee_actor_fixture.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/meter.hpp"

namespace skep {
namespace bee_actor_meter_test {

using namespace std::chrono_literals;

class BeeActorMeterTest : public BeeActorFixture {
 protected:
  BeeSettings metered(bool takes_batches = false) {
    auto all = settings(takes_batches);
    all.meter = meter_;
    return all;
  }
  /// Bees that need this long for each record, or each batch.
  void work_takes(std::chrono::nanoseconds time) {
    script_.on_record = [this, time](Record record, Outbox& out) {
      let_pass(time);
      out.emit(std::move(record));
    };
  }
  /// Sent now, `spent` of their way in other bees.
  void put_stamped(std::vector<Record> records, std::chrono::nanoseconds spent = 0ns) {
    put(bee_, std::move(records), {}, {now(), spent});
  }
  static std::uint64_t ns(std::chrono::nanoseconds time) { return static_cast<std::uint64_t>(time.count()); }
  static std::size_t bucket(std::chrono::nanoseconds time) { return DurationHistogram::bucket_of(ns(time)); }

  BeeMeterPtr meter_ = make_meter<BeeMeter>(1);
};

TEST_F(BeeActorMeterTest, QueueWaitIsTheTimeFromSentToTakenUpOfEachRecord) {
  run(metered());
  put_stamped(records(1, 3));
  let_pass(5ms);
  settle();
  const auto wait = meter_->queue_wait.values();
  EXPECT_EQ(wait.count(), 3u);
  EXPECT_EQ(wait.sum, 3 * ns(5ms));
  EXPECT_EQ(wait.buckets[bucket(5ms)], 3u);
}

TEST_F(BeeActorMeterTest, ProcessingAndBatchSizeAreOneHitASlice) {
  run(metered());
  work_takes(100us);
  put_stamped(records(1, 4));
  put_stamped(records(5, 6));
  settle();
  EXPECT_EQ(meter_->processing.values().count(), 1u);
  EXPECT_EQ(meter_->processing.values().sum, ns(600us));
  EXPECT_EQ(meter_->batch_size.values().sum, 6u);
  EXPECT_EQ(meter_->batch_size.values().buckets[SizeHistogram::bucket_of(6)], 1u);
}

TEST_F(BeeActorMeterTest, WhatItSendsCarriesTheTimeSpentInBees) {
  run(metered());
  work_takes(100us);
  put_stamped(records(1, 3), 40us);
  put_stamped({record(4)}, 80us);
  settle();
  ASSERT_EQ(at_sink_.batches.size(), 1u);
  const auto& stamp = at_sink_.batches[0].stamp;
  EXPECT_EQ(stamp.spent, 50us + 400us) << "the mean of what came, and the slice";
  EXPECT_EQ(stamp.sent_at, now());
  EXPECT_EQ(at_sink_.batches[0].bytes, 4u) << "\"1\" to \"4\"";
}

TEST_F(BeeActorMeterTest, RecordsOfUnknownWayMakeItUnknown) {
  run(metered());
  put_stamped(records(1, 2), 40us);
  put(records(3, 3));
  settle();
  ASSERT_EQ(at_sink_.batches.size(), 1u);
  EXPECT_EQ(at_sink_.batches[0].stamp.spent, Stamp::unknown);
  EXPECT_EQ(meter_->queue_wait.values().count(), 2u);
}

TEST_F(BeeActorMeterTest, WhatTimersSendLeavesApartAndItsWayIsUnknown) {
  script_.on_start = [](BeeContext& context) { context.start_timer(1ms); };
  script_.on_timer = [](TimerId, Outbox& out) { out.emit(record(99)); };
  run(metered());
  put_stamped(records(1, 2), 30us);
  settle();
  put_stamped(records(3, 4), 40us);
  let_pass(2ms);
  settle();
  ASSERT_EQ(at_sink_.batches.size(), 3u);
  EXPECT_EQ(at_sink_.batches[0].stamp.spent, 30us);
  EXPECT_EQ(at_sink_.batches[1].stamp.spent, Stamp::unknown);
  EXPECT_EQ(at_sink_.batches[2].stamp.spent, 40us);
}

TEST_F(BeeActorMeterTest, TheWaitForABatchToFillIsTheBeesOwn) {
  auto batching = metered(true);
  batching.batch = {.size_max = 4, .delay_max = 10ms};
  run(std::move(batching));
  put_stamped(records(1, 2), 1ms);
  settle();
  advance(4ms);
  put_stamped(records(3, 4), 3ms);
  settle();
  EXPECT_EQ(meter_->batch_fill.get(), ns(8ms)) << "two records waited 4 ms for the other two";
  EXPECT_EQ(meter_->queue_wait.values().sum, 0u);
  ASSERT_EQ(at_sink_.batches.size(), 1u);
  EXPECT_EQ(at_sink_.batches[0].stamp.spent, 2ms + 2ms) << "the mean of what came, and of the wait";
}

TEST_F(BeeActorMeterTest, ABatchThatIsDueAndNotTakenDoesNotFillOnPurpose) {
  auto batching = metered(true);
  batching.batch = {.size_max = 4, .delay_max = 10ms};
  run(std::move(batching));
  put_stamped(records(1, 2));
  settle();
  let_pass(50ms);  // nobody had time for it
  advance(0ns);
  EXPECT_EQ(meter_->batch_fill.get(), ns(20ms));
}

TEST_F(BeeActorMeterTest, AnEdgeShowsWhatItSentAndWhatWaits) {
  at_sink_.limit_credit(3);
  run(metered());
  put_stamped(records(1, 5));
  settle();
  auto edge = meter_->edges[0].counters();
  EXPECT_EQ(edge.records, 3u);
  EXPECT_EQ(edge.bytes, 3u);
  EXPECT_EQ(edge.batches, 1u);
  EXPECT_EQ(edge.waiting, 2u);
  accept(3);
  edge = meter_->edges[0].counters();
  EXPECT_EQ(edge.records, 5u);
  EXPECT_EQ(edge.batches, 2u) << "questions for credit are none";
  EXPECT_EQ(edge.waiting, 0u);
}

TEST_F(BeeActorMeterTest, AnEdgeCountsWhatItsOverflowDrops) {
  at_sink_.limit_credit(2);
  run(metered(), {.overflow = Overflow::drop_newest, .window = 2});
  put_stamped(records(1, 10));
  settle();
  EXPECT_EQ(meter_->edges[0].counters().dropped, 8u) << "two waited, for the first credit";
  EXPECT_EQ(meter_->counters.get().dropped, 8u);
}

TEST_F(BeeActorMeterTest, AnEdgeCountsWhatItsReceiverHasEndedForWhereNobodyCanBeTold) {
  run(metered());
  for (const bool reachable : {true, false}) {
    auto next = table();
    next.edges[0].receivers = {caf::actor()};
    next.edges[0].answers_reachable = reachable;
    ASSERT_TRUE(ask(std::move(next))->ok);
    put_stamped(records(1, 3));
    settle();
    EXPECT_EQ(meter_->edges[0].counters().unheard, reachable ? 0u : 3u);
  }
}

TEST_F(BeeActorMeterTest, AnEdgeKeepsItsNumbersUnderANewTable) {
  run(metered());
  put_stamped(records(1, 2));
  settle();
  ASSERT_TRUE(ask(table())->ok);
  put_stamped(records(3, 5));
  settle();
  EXPECT_EQ(meter_->edges[0].counters().records, 5u);
}

TEST_F(BeeActorMeterTest, CountersAreThereWithoutAskingTheBee) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "2") throw std::runtime_error("two");
    if (record.text() == "3") throw BadRecord("three");
    out.emit(std::move(record));
  };
  run(metered());
  put_stamped(records(1, 4));
  settle();
  const auto counted = meter_->counters.get();
  EXPECT_EQ(counted.received, 4u);
  EXPECT_EQ(counted.bytes, 4u);
  EXPECT_EQ(counted.emitted, 2u);
  EXPECT_EQ(counted.failed, 1u);
  EXPECT_EQ(counted.bad, 1u);
  EXPECT_EQ(counted.rebuilds, 1u);
  EXPECT_EQ(counted.replied, 2u);
  EXPECT_EQ(meter_->queued.get(), 0u);
}

TEST_F(BeeActorMeterTest, WhatWaitsInABeeThatIsDownIsShown) {
  script_.on_timer = [](TimerId, Outbox&) { throw std::runtime_error("timer"); };
  script_.on_start = [](BeeContext& context) { context.start_timer(1ms); };
  run(metered());
  advance(1ms);
  put_stamped(records(1, 7));
  settle();
  EXPECT_EQ(meter_->queued.get(), 7u);
}

}  // namespace bee_actor_meter_test
}  // namespace skep
