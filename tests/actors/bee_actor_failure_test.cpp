// What a hosted bee does when things go wrong, and who is told.

#include "bee_actor_fixture.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace {

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

TEST_F(BeeActorFailureTest, LossesAreLoggedAtMostOnceASecond) {
  script_.on_record = [](Record, Outbox&) { throw std::runtime_error("always"); };
  run(settings());
  give(records(1, 50));
  EXPECT_EQ(log_.size(), 1u);
  advance(1s);
  give(records(51, 51));
  ASSERT_EQ(log_.size(), 2u);
  EXPECT_NE(log_[1].find("49 more"), std::string::npos);
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

TEST_F(BeeActorFailureTest, RebuildsWithBackOffAndKeepsTheQueueMeanwhile) {
  int starts = 0;
  script_.on_start = [&](BeeContext&) {
    ++starts;
    if (starts > 1 && starts < 5) throw std::runtime_error("the disk is full");
  };
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "2") throw std::runtime_error("two");
    out.emit(std::move(record));
  };
  run(settings());
  give(records(1, 4));
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1}));
  EXPECT_EQ(at_gateway_.replies.size(), 1u);
  give(records(5, 6));
  EXPECT_EQ(from_source_.granted(), 4u) << "a bee that is down takes nothing";
  advance(limits::restart_delay_min - 1ms);
  EXPECT_EQ(starts, 2);
  advance(1ms);
  EXPECT_EQ(starts, 3);
  advance(2 * limits::restart_delay_min - 1ms);
  EXPECT_EQ(starts, 3) << "the second delay is twice the first";
  advance(1ms);
  EXPECT_EQ(starts, 4);
  advance(4 * limits::restart_delay_min);
  EXPECT_EQ(starts, 5);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 3, 4, 5, 6}));
  EXPECT_EQ(counters().rebuilds, 1u);
}

TEST_F(BeeActorFailureTest, TheBackOffHasALimit) {
  int starts = 0;
  script_.on_start = [&](BeeContext&) {
    if (++starts > 1) throw std::runtime_error("for ever");
  };
  script_.on_record = [](Record, Outbox&) { throw std::runtime_error("once"); };
  run(settings());
  give({record(1)});
  for (int i = 0; i < 10; ++i) advance(limits::restart_delay_max);
  const auto before = starts;
  advance(limits::restart_delay_max);
  EXPECT_EQ(starts, before + 1);
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

TEST_F(BeeActorFailureTest, AThrowFromATimerRebuildsTheBee) {
  script_.on_start = [](BeeContext& context) { context.start_timer(10ms); };
  script_.on_timer = [this](TimerId, Outbox& out) {
    out.emit(record(1));
    if (script_.built == 1) throw std::runtime_error("tick");
  };
  run(settings());
  advance(10ms);
  EXPECT_EQ(script_.built, 2);
  EXPECT_TRUE(at_sink_.batches.empty());
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
  EXPECT_EQ(from_source_.granted(), 2u) << "sender and bee both live";
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
  run(settings(), {.overflow = Overflow::drop_oldest, .window = 2});
  at_sink_.grants_at_once = false;
  give(records(1, 10));
  give(records(11, 12));
  EXPECT_EQ(from_source_.granted(), 12u) << "a drop edge never stops its sender";
  grant(2);
  EXPECT_EQ(at_sink_.numbers().size(), 4u);
  EXPECT_EQ(at_sink_.numbers()[3], 12);
  EXPECT_EQ(counters().dropped, 8u);
  EXPECT_EQ(at_gateway_.replies.size(), 8u);
}

}  // namespace
}  // namespace skep
