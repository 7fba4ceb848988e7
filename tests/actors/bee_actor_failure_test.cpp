// What a hosted bee does when things go wrong, and who is told.

#include <caf/send.hpp>

#include "bee_actor_fixture.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace bee_actor_failure_test {

using namespace std::chrono_literals;

class BeeActorFailureTest : public BeeActorFixture {};

TEST_F(BeeActorFailureTest, AThrowOnOneRecordInAHundredCostsOnlyThatRecord) {
  script_.on_record = [](Record record, Outbox& out) {
    const auto number = std::stoi(std::string(record.text()));
    out.emit(std::move(record));
    if (number % 100 == 0) throw std::runtime_error("number " + std::to_string(number));
  };
  run(settings());
  for (int first = 1; first <= 1000; first += 50) give(records(first, first + 49));
  std::vector<int> expected;
  for (int number = 1; number <= 1000; ++number) {
    if (number % 100 != 0) expected.push_back(number);
  }
  EXPECT_EQ(at_sink_.numbers(), expected);
  ASSERT_EQ(at_gateway_.replies.size(), 10u);
  EXPECT_EQ(at_gateway_.replies[0].origin().request, 100u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::bee_failed);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().message, "bee 'bee' failed: number 100");
  EXPECT_EQ(counters().failed, 10u);
  EXPECT_EQ(counters().rebuilds, 10u);
}

TEST_F(BeeActorFailureTest, ARecordIsReplayedOnlyToABeeThatRuns) {
  run(settings());
  EXPECT_TRUE(ask(Replay{record(1)})->ok);
  EXPECT_EQ(at_sink_.numbers(), std::vector<int>{1});
  EXPECT_EQ(counters().received, 1u);
  ask(HaltBee{HaltBee::Queue::refuse});
  const auto refused = ask(Replay{record(2)});
  ASSERT_TRUE(refused->error.has_value());
  EXPECT_EQ(refused->error->code, errc::unavailable);
  EXPECT_EQ(counters().dropped, 0u);
}

TEST_F(BeeActorFailureTest, LossesAreLoggedAtMostOnceASecond) {
  script_.on_record = [](Record, Outbox&) { throw std::runtime_error("always"); };
  run(settings());
  give(records(1, 50));
  EXPECT_EQ(log_.size(), 1u);
  advance(1s);
  ASSERT_EQ(log_.size(), 2u) << "without another loss";
  EXPECT_NE(log_[1].find("49 more records failed or lost since, the last of them: bee_failed: "), std::string::npos)
      << log_[1];
  give(records(51, 51));
  EXPECT_EQ(log_.size(), 2u);
  advance(1s);
  EXPECT_EQ(log_.size(), 3u);
  advance(1s);
  give(records(52, 52));
  EXPECT_EQ(log_.size(), 4u) << "the first after a while";
}

TEST_F(BeeActorFailureTest, LossesThatWereNotLoggedAreLoggedAtTheEnd) {
  script_.on_record = [](Record, Outbox&) { throw std::runtime_error("always"); };
  run(settings());
  give(records(1, 3));
  ASSERT_EQ(log_.size(), 1u);
  shut_down(bee_);
  settle();
  ASSERT_EQ(log_.size(), 2u);
  EXPECT_NE(log_[1].find("2 more records failed or lost"), std::string::npos);
}

TEST_F(BeeActorFailureTest, ABadRecordKeepsTheObject) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "2") throw BadRecord("not a picture");
    out.emit(std::move(record));
  };
  run(settings());
  give(records(1, 3));
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 3}));
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::bad_record);
  EXPECT_EQ(script_.built, 1);
  EXPECT_EQ(counters().bad, 1u);
}

TEST_F(BeeActorFailureTest, ABatchThatThrowsIsRunAgainOneByOne) {
  script_.on_batch = [](std::span<Record> batch, Outbox& out) {
    for (auto& record : batch) {
      if (record.text() == "2") throw std::runtime_error("two");
      out.emit(std::move(record));
    }
  };
  run(settings(true));
  give(records(1, 4));
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{4, 1, 1, 1, 1}));
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 3, 4}));
  EXPECT_EQ(at_gateway_.replies.size(), 1u);
}

TEST_F(BeeActorFailureTest, AFailedRebuildIsReportedAndTheQueueIsKeptMeanwhile) {
  script_.on_start = [this](BeeContext&) {
    if (script_.built > 1 && script_.built < 4) throw std::runtime_error("the disk is full");
  };
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "2") throw std::runtime_error("two");
    out.emit(std::move(record));
  };
  run(settings());
  give(records(1, 4));
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1}));
  EXPECT_EQ(at_gateway_.replies.size(), 1u);
  ASSERT_EQ(at_supervisor_.failures.size(), 1u);
  EXPECT_EQ(at_supervisor_.failures[0].run, (ChildRun{ChildId{7}, 1}));
  EXPECT_NE(at_supervisor_.failures[0].reason.find("the disk is full"), std::string::npos);
  give(records(5, 6));
  EXPECT_EQ(from_source_.accepted(), 4u) << "a bee that is down takes nothing";
  advance(1h);
  EXPECT_EQ(script_.built, 2) << "it does not decide by itself";
  EXPECT_FALSE(restart()->ok);
  EXPECT_EQ(at_supervisor_.failures.size(), 1u) << "the answer has said it";
  EXPECT_TRUE(restart()->ok);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 3, 4, 5, 6}));
  EXPECT_EQ(counters().rebuilds, 1u);
}

TEST_F(BeeActorFailureTest, ThrowsOnSomeRecordsAreNeverReported) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() != "100") throw std::runtime_error("not a hundred");
    out.emit(std::move(record));
  };
  run(settings());
  const auto in_row = static_cast<int>(limits::throws_in_row_max) - 1;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < in_row; ++i) give({record(1)});
    give({record(100)});
  }
  EXPECT_TRUE(at_supervisor_.failures.empty());
  EXPECT_EQ(counters().failed, 10u * (limits::throws_in_row_max - 1));
}

TEST_F(BeeActorFailureTest, ManyThrowsWithoutASuccessAreReported) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "0") throw BadRecord("zero");
    if (record.text() != "100") throw std::runtime_error("not a hundred");
    out.emit(std::move(record));
  };
  run(settings());
  for (std::uint32_t i = 1; i < limits::throws_in_row_max; ++i) give(records(0, 1));
  EXPECT_TRUE(at_supervisor_.failures.empty());
  give({record(1), record(100)});
  ASSERT_EQ(at_supervisor_.failures.size(), 1u);
  EXPECT_EQ(at_supervisor_.failures[0].reason, "100 throws in a row (throws_in_row_max), the last: not a hundred");
  EXPECT_TRUE(at_sink_.batches.empty());
  ASSERT_TRUE(restart()->ok);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{100}));
}

TEST_F(BeeActorFailureTest, ARecordThatThrewIsADeadLetter) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "1") throw BadRecord("not a picture");
    if (record.text() == "2") throw std::runtime_error("two");
    out.emit(std::move(record));
  };
  run(settings());
  give(records(1, 3));
  const auto letters = dead_letters_->list({}).letters;
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].record.text(), "2");
  EXPECT_EQ(letters[0].bee, "bee");
  EXPECT_EQ(letters[0].code, errc::bee_failed);
  EXPECT_EQ(letters[0].reason, "two");
  ASSERT_EQ(at_gateway_.replies.size(), 2u);
}

TEST_F(BeeActorFailureTest, ARestartOfABeeThatRunsTakesANewObjectAndKeepsTheQueue) {
  at_sink_.limit_credit(1);
  run(settings(), {.window = 1});
  give(records(1, 3));
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1}));
  ASSERT_TRUE(restart()->ok);
  EXPECT_EQ(script_.built, 2);
  EXPECT_EQ(script_.stopped, 0) << "on_stop is for swarms that stop";
  accept(1);
  accept(1);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3}));
}

TEST_F(BeeActorFailureTest, ABeeHaltedForARestartKeepsWhatComes) {
  run(settings());
  ASSERT_TRUE(ask(HaltBee{HaltBee::Queue::keep})->ok);
  give(records(1, 3));
  EXPECT_TRUE(at_sink_.batches.empty());
  EXPECT_TRUE(at_gateway_.replies.empty());
  EXPECT_TRUE(at_supervisor_.failures.empty());
  ASSERT_TRUE(restart()->ok);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3}));
}

TEST_F(BeeActorFailureTest, ABeeHaltedForGoodRefusesWhatItHasAndWhatComes) {
  for (const bool batches : {false, true}) {
    auto given = settings(batches);
    if (batches) given.batch = {.size_max = 2, .delay_max = 1s};
    at_gateway_ = from_source_ = {};
    sent_ = {};
    run(given);
    ASSERT_TRUE(ask(HaltBee{HaltBee::Queue::keep})->ok);
    give(records(1, 5));
    ASSERT_TRUE(ask(HaltBee{HaltBee::Queue::refuse})->ok);
    ASSERT_EQ(at_gateway_.replies.size(), 5u);
    EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::unavailable);
    give(records(6, 7));
    EXPECT_EQ(at_gateway_.replies.size(), 7u);
    EXPECT_EQ(from_source_.accepted(), 7u) << "senders must not wait for it";
    EXPECT_EQ(counters().dropped, 7u);
    EXPECT_EQ(ask(Drain{})->counters.dropped, 7u) << "a drain ends at once";
  }
}

TEST_F(BeeActorFailureTest, ADrainWaitsForABeeThatIsDown) {
  script_.on_start = [this](BeeContext&) {
    if (script_.built == 2) throw std::runtime_error("no disk");
  };
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "1") throw std::runtime_error("one");
    out.emit(std::move(record));
  };
  run(settings());
  give(records(1, 2));
  const auto drained = ask(Drain{});
  EXPECT_EQ(drained->counters.received, 0u) << "no answer yet";
  ASSERT_TRUE(restart()->ok);
  EXPECT_EQ(drained->counters.received, 2u);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{2}));
}

/// Its supervisor, which waits before it restarts it, may not have heard.
TEST_F(BeeActorFailureTest, ABeeThatWasDownAndHasDrainedNeedsNoOtherLife) {
  script_.on_start = [this](BeeContext&) {
    if (script_.built == 2) throw std::runtime_error("no disk");
  };
  script_.on_record = [](Record, Outbox&) { throw std::runtime_error("one"); };
  run(settings());
  give(records(1, 1));
  ASSERT_EQ(at_supervisor_.failures.size(), 1u);
  ASSERT_TRUE(ask(Drain{})->ok);
  const auto built = script_.built;
  EXPECT_TRUE(restart()->ok) << "which would count as one more failure";
  EXPECT_EQ(script_.built, built);
  EXPECT_EQ(at_supervisor_.failures.size(), 1u);
}

TEST_F(BeeActorFailureTest, AReceiverThatHasEndedForGoodHoldsNobodyUp) {
  at_sink_.limit_credit(2);
  run(settings(), {.window = 3});
  give(records(1, 5));
  ASSERT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2}));
  auto next = table({.window = 3});
  next.edges[0].receivers = {caf::actor()};
  ASSERT_TRUE(ask(std::move(next))->ok);
  accept(2);  // the last word of what has ended
  EXPECT_EQ(counters().dropped, 3u) << "they waited for credit";
  ASSERT_EQ(at_gateway_.replies.size(), 3u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::unavailable);
  give(records(6, 7));
  EXPECT_EQ(at_gateway_.replies.size(), 5u) << "their clients are told at once";
}

TEST_F(BeeActorFailureTest, AReplicaThatHasEndedForGoodGetsNothingMore) {
  run(settings());
  Seen at_second;
  auto next = table();
  next.edges[0].receivers = {caf::actor(), spawn_probe(at_second)};
  ASSERT_TRUE(ask(std::move(next))->ok);
  give(records(1, 20));
  EXPECT_EQ(at_second.numbers().size(), 20u);
  EXPECT_TRUE(at_gateway_.replies.empty());
}

TEST_F(BeeActorFailureTest, ADropOnASideBranchLeavesTheAnswerToTheOther) {
  Seen at_side;
  at_side.limit_credit(1);
  spawn(settings());
  auto both = table();
  both.edges.push_back(
      {"bee.default -> side", 0, {.overflow = Overflow::drop_newest, .window = 1}, {spawn_probe(at_side)}});
  ASSERT_TRUE(ask(std::move(both))->ok);
  give(records(1, 10));
  EXPECT_EQ(at_sink_.numbers().size(), 10u);
  EXPECT_GT(counters().dropped, 0u);
  EXPECT_TRUE(at_gateway_.replies.empty());
}

TEST_F(BeeActorFailureTest, TimersOfAnObjectEndWithIt) {
  int fired = 0;
  script_.on_start = [](BeeContext& context) { context.start_timer(10ms); };
  script_.on_timer = [&](TimerId, Outbox&) { ++fired; };
  script_.on_record = [](Record, Outbox&) { throw std::runtime_error("once"); };
  run(settings());
  give({record(1)});
  advance(50ms);
  EXPECT_EQ(fired, 1);
}

TEST_F(BeeActorFailureTest, AThrowFromATimerIsReported) {
  script_.on_start = [](BeeContext& context) { context.start_timer(10ms); };
  script_.on_timer = [this](TimerId, Outbox& out) {
    out.emit(record(1));
    if (script_.built == 1) throw std::runtime_error("tick");
  };
  run(settings());
  advance(10ms);
  ASSERT_EQ(at_supervisor_.failures.size(), 1u);
  EXPECT_EQ(at_supervisor_.failures[0].reason, "on_timer failed: tick");
  EXPECT_TRUE(at_sink_.batches.empty());
  ASSERT_TRUE(restart()->ok);
  advance(10ms);
  EXPECT_EQ(at_sink_.batches.size(), 1u);
}

TEST_F(BeeActorFailureTest, ForeignMessagesAreCountedAndHarmNobody) {
  run(settings());
  caf::send_as(source_, bee_, std::string("hello"));
  caf::send_as(source_, bee_, caf::make_error(caf::sec::runtime_error));
  put({record(1)});
  caf::send_as(source_, bee_, 17);
  settle();
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1}));
  EXPECT_EQ(counters().unhandled, 3u);
  EXPECT_EQ(from_source_.foreign, 0u) << "nothing comes back for a message that was ignored";
  const auto answer = ask(std::string("a question"));
  EXPECT_TRUE(answer->error.has_value());
  give({record(2)});
  EXPECT_EQ(from_source_.accepted(), 2u) << "sender and bee both live";
}

TEST_F(BeeActorFailureTest, RepliesGoToTheGatewayOfTheirOrigin) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  run(settings());
  give(records(1, 3));
  ASSERT_EQ(at_gateway_.replies.size(), 3u);
  EXPECT_EQ(at_gateway_.replies[2].origin().request, 3u);
  EXPECT_EQ(counters().replied, 3u);
}

TEST_F(BeeActorFailureTest, RepliesWithoutAClientOrWithAnUnknownGatewayAreOrphans) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  run(settings());
  RecordHeader nobody;
  RecordHeader elsewhere;
  elsewhere.origin = {2, 1, 1, 1, 1};
  give({Record(nobody, Payload::raw("x")), Record(elsewhere, Payload::raw("x"))});
  EXPECT_EQ(counters().orphaned, 2u);
  EXPECT_TRUE(at_gateway_.replies.empty());
}

TEST_F(BeeActorFailureTest, RecordsOnAnAnswerPortAnswerAndGoOn) {
  spawn(settings());
  auto routes = table();
  routes.answer_ports = {0};
  ASSERT_TRUE(ask(std::move(routes))->ok);
  give(records(1, 2));
  EXPECT_EQ(at_gateway_.replies.size(), 2u);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2}));
}

TEST_F(BeeActorFailureTest, OnlyFailAnswersWhereNoAnswerCanComeFrom) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "1") return out.drop(record, "not wanted");
    if (record.text() == "2") return out.fail(record, "refused");
    throw std::runtime_error("three");
  };
  spawn(settings());
  auto side_branch = table();
  side_branch.answers_reachable = false;
  ASSERT_TRUE(ask(std::move(side_branch))->ok);
  give(records(1, 3));
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::rejected);
  const auto counted = counters();
  EXPECT_EQ(counted.dropped, 1u);
  EXPECT_EQ(counted.rejected, 1u);
  EXPECT_EQ(counted.failed, 1u);
  ASSERT_TRUE(ask(table())->ok);
  give({record(1)});
  ASSERT_EQ(at_gateway_.replies.size(), 2u);
  EXPECT_EQ(at_gateway_.replies[1].as_failure().code, errc::dropped);
}

TEST_F(BeeActorFailureTest, OverflowDropsTheOldestAndGoesOn) {
  at_sink_.limit_credit(2);
  run(settings(), {.overflow = Overflow::drop_oldest, .window = 2});
  give(records(1, 10));
  give(records(11, 12));
  EXPECT_EQ(from_source_.accepted(), 12u) << "a drop edge never stops its sender";
  accept(2);
  EXPECT_EQ(at_sink_.numbers().size(), 4u);
  EXPECT_EQ(at_sink_.numbers()[3], 12);
  EXPECT_EQ(counters().dropped, 8u);
  EXPECT_EQ(at_gateway_.replies.size(), 8u);
}

}  // namespace bee_actor_failure_test
}  // namespace skep
