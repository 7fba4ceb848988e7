#include "skep/actors/bee_actor.hpp"

#include <numeric>

#include "bee_actor_fixture.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace bee_actor_test {

using namespace std::chrono_literals;

class BeeActorTest : public BeeActorFixture {};

std::vector<int> range(int first, int last) {
  std::vector<int> all(static_cast<std::size_t>(last - first + 1));
  std::iota(all.begin(), all.end(), first);
  return all;
}

TEST_F(BeeActorTest, AnswersItsRoutingTableOnceTheBeeHasStarted) {
  int starts = 0;
  script_.on_start = [&](BeeContext& context) {
    EXPECT_EQ(context.name(), "bee");
    ++starts;
  };
  spawn(settings());
  EXPECT_EQ(starts, 0);
  EXPECT_TRUE(ask(table())->ok);
  EXPECT_EQ(starts, 1);
}

TEST_F(BeeActorTest, AnswersAFailedStartWithItsWordsAndMayBeAskedAgain) {
  bool broken = true;
  script_.on_start = [&](BeeContext&) {
    if (broken) throw std::runtime_error("no such model");
  };
  spawn(settings());
  const auto answer = ask(table());
  ASSERT_TRUE(answer->error.has_value());
  EXPECT_EQ(answer->error->code, errc::bee_failed);
  EXPECT_NE(answer->error->message.find("no such model"), std::string::npos);
  broken = false;
  EXPECT_TRUE(ask(table())->ok);
}

TEST_F(BeeActorTest, KeepsWhatComesBeforeItsRoutingTable) {
  spawn(settings());
  give(records(1, 3));
  EXPECT_EQ(from_source_.accepted(), 0u);
  ASSERT_TRUE(ask(table())->ok);
  EXPECT_EQ(at_sink_.numbers(), range(1, 3));
}

TEST_F(BeeActorTest, ForwardsInOrderAndAcknowledgesEachMessageOnce) {
  run(settings());
  give(records(1, 5));
  give(records(6, 9));
  EXPECT_EQ(at_sink_.numbers(), range(1, 9));
  ASSERT_EQ(from_source_.acks.size(), 2u);
  EXPECT_EQ(from_source_.acks[0].edge, 3u);
  EXPECT_EQ(from_source_.acks[0].receiver, 2u);
  EXPECT_EQ(from_source_.acks[0].ack.released.records, 5u);
  EXPECT_EQ(from_source_.accepted(), 9u);
  const auto counted = counters();
  EXPECT_EQ(counted.received, 9u);
  EXPECT_EQ(counted.emitted, 9u);
}

TEST_F(BeeActorTest, WhatLiesInTheMailboxTogetherLeavesTogether) {
  run(settings());
  for (int number = 1; number <= 20; ++number) put({record(number)});
  settle();
  ASSERT_EQ(at_sink_.batches.size(), 1u);
  EXPECT_EQ(at_sink_.numbers(), range(1, 20));
}

TEST_F(BeeActorTest, ABeeThatTakesBatchesGetsWhatArrivedTogetherInOneCall) {
  run(settings(true));
  for (int number = 1; number <= 20; ++number) put({record(number)});
  settle();
  give({record(21)});
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{20, 1}));
}

TEST_F(BeeActorTest, TakesALongQueueInSlices) {
  run(settings(), {.window = 4096});
  give(records(1, 1));  // the session is open from here on
  give(records(2, 2000));
  EXPECT_EQ(at_sink_.numbers(), range(1, 2000));
  ASSERT_GE(at_sink_.batches.size(), 4u);
  for (const auto& batch : at_sink_.batches) EXPECT_LE(batch.records.size(), limits::slice_records_max);
}

TEST_F(BeeActorTest, LetsOthersRunBetweenTwoSlices) {
  run(settings(), {.window = 4096});
  put(records(1, 2000));
  std::size_t turns = 0;
  while (take_one()) ++turns;
  EXPECT_GE(turns, 4u);
}

TEST_F(BeeActorTest, SendsNoMoreThanItsCreditAndTakesNoInputWhileItsWindowIsFull) {
  at_sink_.limit_credit(4);
  run(settings(), {.window = 4});
  give(records(1, 10));
  EXPECT_EQ(at_sink_.numbers(), range(1, 4));
  EXPECT_EQ(from_source_.accepted(), 10u);
  give(records(11, 12));
  EXPECT_EQ(from_source_.accepted(), 10u) << "input was taken while the edge was blocked";
  accept(2);
  EXPECT_EQ(at_sink_.numbers(), range(1, 6));
  EXPECT_EQ(from_source_.accepted(), 10u);
  accept(4);
  EXPECT_EQ(at_sink_.numbers(), range(1, 10));
  EXPECT_EQ(from_source_.accepted(), 12u) << "nothing waits any more: input goes on";
  accept(4);
  EXPECT_EQ(at_sink_.numbers(), range(1, 12));
}

TEST_F(BeeActorTest, WaitsForABatchUntilItsDelay) {
  auto batched = settings(true);
  batched.batch = {.size_max = 4, .delay_max = 2ms};
  run(std::move(batched));
  give(records(1, 2));
  advance(1ms);
  EXPECT_TRUE(script_.batch_sizes.empty());
  give({record(3)});
  advance(1ms);
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{3}));
  give(records(4, 7));
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{3, 4})) << "a full batch does not wait";
}

TEST_F(BeeActorTest, ClosesABatchBeforeItsEarliestDeadline) {
  auto batched = settings(true);
  batched.batch = {.size_max = 4, .delay_max = 1s};
  run(std::move(batched));
  give({record(1), record(2, now() + 10ms)});
  advance(8ms);
  EXPECT_TRUE(script_.batch_sizes.empty());
  advance(1ms);
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{2}));
  EXPECT_EQ(counters().expired, 0u);
}

TEST_F(BeeActorTest, GrantsRecordsThatGatherSoThatABatchMayExceedTheWindow) {
  auto batched = settings(true);
  batched.batch = {.size_max = 4, .delay_max = 1s};
  run(std::move(batched));
  give(records(1, 2));
  EXPECT_EQ(from_source_.accepted(), 2u);
  give(records(3, 7));
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{4}));
  EXPECT_EQ(from_source_.accepted(), 7u);
  advance(1s);
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{4, 3}));
}

TEST_F(BeeActorTest, BatchSettingsHoldForABeeThatTakesSingleRecords) {
  auto batched = settings();
  batched.batch = {.size_max = 2, .delay_max = 1s};
  run(std::move(batched));
  give({record(1)});
  EXPECT_TRUE(at_sink_.batches.empty());
  give({record(2)});
  EXPECT_EQ(at_sink_.numbers(), range(1, 2));
}

TEST_F(BeeActorTest, DoesNotWorkOnExpiredRecordsAndTellsTheirClients) {
  run(settings());
  advance(1s);
  give({record(1), record(2, now() - 1ms), record(3, now() + 1ms)});
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 3}));
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::deadline_exceeded);
  EXPECT_EQ(at_gateway_.replies[0].origin().request, 2u);
  EXPECT_EQ(counters().expired, 1u);
}

TEST_F(BeeActorTest, DoesNotWorkOnRecordsThatExpireWhileTheyGather) {
  auto batched = settings(true);
  batched.batch = {.size_max = 3, .delay_max = 1s};
  run(std::move(batched));
  advance(1s);
  give({record(1, now() - 1ms)});
  EXPECT_EQ(counters().expired, 1u);
  give(records(2, 4));
  EXPECT_EQ(at_sink_.numbers(), range(2, 4));
}

/// Of session 1 or 2; a client waits unless `request` is 0.
Record of_session(std::uint64_t session, int number, Deadline deadline, std::uint64_t request = 1) {
  RecordHeader header;
  header.id = {1, static_cast<std::uint64_t>(number)};
  header.deadline = deadline;
  header.origin = {1, 1, 1, session, request};
  return Record(header, Payload::json(std::to_string(number)));
}

TEST_F(BeeActorTest, DropsWhatAClientThatLeftHadAskedFor) {
  DepartedSessions departed;
  auto watching = settings();
  watching.departed = &departed;
  run(std::move(watching));
  const auto until = now() + 5s;
  departed.add({1, 1, 1, 1, 0}, until);
  give({of_session(1, 1, until), of_session(2, 2, until), of_session(1, 3, until), of_session(1, 4, no_deadline, 0)});
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{2, 4})) << "one-way records stay";
  EXPECT_EQ(from_source_.accepted(), 4u);
  EXPECT_TRUE(at_gateway_.replies.empty());
  EXPECT_EQ(counters().cancelled, 2u);
  EXPECT_EQ(counters().expired, 0u);
  EXPECT_EQ(dead_letters_->counts().added, 0u);
  EXPECT_TRUE(log_.empty());
}

TEST_F(BeeActorTest, DropsWhatGathersForABatchOfAClientThatLeaves) {
  DepartedSessions departed;
  auto batched = settings(true);
  batched.batch = {.size_max = 3, .delay_max = 1s};
  batched.departed = &departed;
  run(std::move(batched));
  const auto until = now() + 5s;
  give({of_session(1, 1, until), of_session(2, 2, until)});
  departed.add({1, 1, 1, 1, 0}, until);
  advance(1s);
  EXPECT_EQ(at_sink_.numbers(), std::vector<int>{2});
  EXPECT_EQ(script_.batch_sizes, std::vector<std::size_t>{1});
  EXPECT_EQ(counters().cancelled, 1u);
}

TEST_F(BeeActorTest, TimersFireAtTheirVirtualTime) {
  BeeContext* context = nullptr;
  TimerId cancelled;
  int fired = 0;
  script_.on_start = [&](BeeContext& given) {
    context = &given;
    given.start_timer(30ms);
    cancelled = given.start_timer(10ms);
  };
  script_.on_timer = [&](TimerId timer, Outbox& out) {
    EXPECT_NE(timer, cancelled);
    out.emit(record(100 + ++fired));
    context->start_timer(30ms);
  };
  script_.on_record = [&](Record, Outbox&) { context->cancel_timer(cancelled); };
  run(settings());
  give({record(1)});
  advance(29ms);
  EXPECT_EQ(fired, 0);
  advance(1ms);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{101}));
  advance(30ms);
  EXPECT_EQ(fired, 2);
}

TEST_F(BeeActorTest, TimersWithoutDelayLetOthersHaveTheirTurn) {
  BeeContext* context = nullptr;
  int fired = 0;
  script_.on_start = [&](BeeContext& given) {
    context = &given;
    given.start_timer(0ms);
  };
  script_.on_timer = [&](TimerId, Outbox&) {
    if (++fired < 1000) context->start_timer(0ms);
  };
  run(settings());
  EXPECT_EQ(fired, 1) << "what a timer starts is for a later turn";
  advance(0ms);
  EXPECT_EQ(fired, 2);
}

TEST_F(BeeActorTest, OpenTimersAreLimited) {
  script_.on_start = [](BeeContext& context) {
    for (std::uint32_t timer = 0; timer < limits::timers_max; ++timer) context.start_timer(1s);
    EXPECT_THROW(context.start_timer(1s), std::length_error);
  };
  run(settings());
}

TEST_F(BeeActorTest, DrainAnswersOnceEverythingIsGrantedAndTheBeeHasStopped) {
  script_.on_stop = [](Outbox& out) { out.emit(record(99)); };
  at_sink_.limit_credit(2);
  run(settings(), {.window = 2});
  give(records(1, 3));
  const auto answer = ask(Drain{});
  EXPECT_FALSE(answer->ok);
  accept(2);
  EXPECT_EQ(at_sink_.numbers(), range(1, 3));
  EXPECT_EQ(script_.stopped, 0) << "record 3 is still on its way";
  accept(1);
  EXPECT_EQ(script_.stopped, 1);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3, 99}));
  EXPECT_FALSE(answer->ok) << "its last output is still on its way";
  accept(1);
  EXPECT_TRUE(answer->ok);
  EXPECT_EQ(answer->counters.emitted, 4u);
}

TEST_F(BeeActorTest, DrainDoesNotWaitForABatchToFill) {
  auto batched = settings(true);
  batched.batch = {.size_max = 100, .delay_max = 60s};
  run(std::move(batched));
  give(records(1, 3));
  EXPECT_TRUE(ask(Drain{})->ok);
  EXPECT_EQ(at_sink_.numbers(), range(1, 3));
}

TEST_F(BeeActorTest, DrainOfABeeThatNeverStartedAnswers) {
  spawn(settings());
  EXPECT_TRUE(ask(Drain{})->ok);
  EXPECT_EQ(script_.stopped, 0);
}

TEST_F(BeeActorTest, RefusesWhatComesAfterItHasStopped) {
  run(settings());
  ASSERT_TRUE(ask(Drain{})->ok);
  give({record(1)});
  EXPECT_TRUE(at_sink_.batches.empty());
  EXPECT_EQ(from_source_.accepted(), 1u);
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::unavailable);
}

TEST_F(BeeActorTest, WhatComesLateIsCountedWhereNobodyCanBeTold) {
  run(settings());
  ASSERT_TRUE(ask(Drain{})->ok);
  const auto second = record(2);  // whose key the header shows
  auto nobodys = second.header();
  nobodys.origin = {};
  give({record(1), Record(nobodys, Payload::json("2"))});
  EXPECT_EQ(counters().dropped, 2u);
  EXPECT_EQ(counters().late, 1u);
}

TEST_F(BeeActorTest, WorksAndSendsNoMoreOnceItHasCeasedAndKeepsWhatComes) {
  at_sink_.limit_credit(2);
  auto metered = settings();
  metered.meter = make_meter<BeeMeter>(1);
  const auto meter = metered.meter;
  run(std::move(metered), {.window = 4});
  give(records(1, 3));
  ASSERT_TRUE(ask(Cease{})->ok);
  give(records(4, 8));
  accept(2);
  EXPECT_EQ(counters().emitted, 3u);
  EXPECT_EQ(at_sink_.numbers(), range(1, 2));
  EXPECT_EQ(meter->queued.get(), 5u);
  EXPECT_EQ(meter->edges[0].waiting.get(), 1u);
  EXPECT_TRUE(restart()->ok) << "which does nothing, and is no failure";
}

TEST_F(BeeActorTest, WhatWaitsForAReplicaGoesToItsNewPlacement) {
  at_sink_.limit_credit(2);
  run(settings(), {.window = 2});
  give(records(1, 4));
  Seen at_second;
  at_second.edges.self = {2, 1};
  const auto second = spawn_probe(at_second);
  auto next = table();
  next.edges[0].receivers = {{second, {2, 1}}};
  ASSERT_TRUE(ask(std::move(next))->ok);
  give({record(5)});
  EXPECT_EQ(at_sink_.numbers(), range(1, 2));
  EXPECT_EQ(at_second.numbers(), range(3, 5));
  EXPECT_EQ(counters().lost, 2u) << "nobody knows whether the first two were worked on";
}

TEST_F(BeeActorTest, SessionsGoOnUnderANewTable) {
  at_sink_.limit_credit(2);
  run(settings(), {.window = 2});
  give(records(1, 3));
  ASSERT_TRUE(ask(table())->ok);
  accept(2);
  EXPECT_EQ(at_sink_.numbers(), range(1, 3));
  EXPECT_EQ(counters().lost, 0u);
}

TEST_F(BeeActorTest, ATableOfAGenerationThatIsInForceIsRefused) {
  run(settings());
  auto again = table();
  again.generation = --generation_;
  const auto answer = ask(std::move(again));
  ASSERT_TRUE(answer->error.has_value());
  EXPECT_EQ(answer->error->code, errc::invalid_argument);
}

}  // namespace bee_actor_test
}  // namespace skep
