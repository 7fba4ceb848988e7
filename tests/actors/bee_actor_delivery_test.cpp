// A hosted bee under at_least_once: what is done when, what goes again, and what is dangerous.

#include <gmock/gmock.h>

#include "bee_actor_fixture.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace bee_actor_delivery_test {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BeeActorDeliveryTest : public BeeActorFixture {
 protected:
  BeeActorDeliveryTest() {
    for (auto* seen : {&at_sink_, &at_next_sink_, &at_gateway_, &at_next_gateway_}) {
      seen->edges.delivery = Delivery::at_least_once;
    }
  }

  static OutEdgeSettings kept() {
    return {.delivery = Delivery::at_least_once, .deaths_max = limits::deaths_alone_max};
  }
  BeeSettings kept_settings(bool takes_batches = false) {
    auto settings = this->settings(takes_batches);
    settings.delivery = Delivery::at_least_once;
    return settings;
  }
  void run_kept(BeeSettings settings) { run(std::move(settings), kept()); }

  /// The sink ends; a new placement of it has records from here on.
  void replace_sink() {
    at_next_sink_.edges.self = sink_epoch_ = {sink_epoch_.counter + 1, 1};
    shut_down(sink_);
    settle();
    at_next_sink_.batches.clear();
    sink_ = spawn_probe(at_next_sink_);
    send_table();
  }
  void send_table() {
    auto next = table(kept());
    next.edges[0].receivers = {Receiver(sink_, sink_epoch_)};
    next.edges[0].to = "sink";
    next.gateways[0].epoch = gateway_epoch_;
    ASSERT_TRUE(ask(std::move(next))->ok);
  }

  /// Null: the gateway is out of reach.
  void reach(const caf::actor& gateway) {
    auto next = table(kept());  // of an edge that is there already, the settings stay
    next.gateways[0].actor = gateway;
    next.gateways[0].away = gateway == nullptr;
    ASSERT_TRUE(ask(std::move(next))->ok);
  }

  Seen at_next_sink_, at_next_gateway_;
  Epoch sink_epoch_, gateway_epoch_;
};

TEST_F(BeeActorDeliveryTest, ARecordIsDoneWhenWhatItPutOutIsDone) {
  at_sink_.accepts_at_once = false;
  run_kept(kept_settings());
  give(records(1, 4));
  EXPECT_EQ(from_source_.accepted(), 4u);
  EXPECT_EQ(from_source_.done(), 0u);
  accept(4);
  EXPECT_EQ(from_source_.done(), 4u);
}

TEST_F(BeeActorDeliveryTest, ARecordThatPutsOutNothingIsDoneWithItsCall) {
  script_.on_record = [](Record, Outbox&) {};
  run_kept(kept_settings());
  give(records(1, 3));
  EXPECT_EQ(from_source_.done(), 3u);
}

TEST_F(BeeActorDeliveryTest, AnAnswerIsAnOutputToo) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  at_gateway_.is_done_at_once = false;
  run_kept(kept_settings());
  give(records(1, 2));
  EXPECT_THAT(at_gateway_.replies, SizeIs(2));
  EXPECT_EQ(from_source_.accepted(), 2u);
  EXPECT_EQ(from_source_.done(), 0u);
}

/// Outputs are routed by runs of one port: two edges and the client on port 0, an answer alone on port 1.
TEST_F(BeeActorDeliveryTest, ARecordIsDoneWhenAllEdgesAndTheClientHaveWhatItPutOut) {
  script_.on_record = [](Record record, Outbox& out) {
    const auto number = std::stoi(std::string(record.text()));
    if (number == 3) return out.drop(record, "not wanted");
    if (number == 2) out.emit(Port(1), record);
    out.emit(Port(number == 4 ? 1 : 0), std::move(record));
  };
  at_sink_.accepts_at_once = false;
  spawn(kept_settings());
  const auto other_sink = spawn_probe(at_next_sink_);
  auto routes = table(kept());
  routes.edges.push_back({"bee.default -> other", 0, kept(), {other_sink}, true});
  routes.answer_ports = {0, 1};
  ASSERT_TRUE(ask(std::move(routes))->ok);
  give(records(1, 6));
  EXPECT_THAT(at_sink_.numbers(), ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(at_next_sink_.numbers(), ElementsAre(1, 2, 5, 6));
  std::vector<std::uint64_t> answered;
  for (const auto& reply : at_gateway_.replies) answered.push_back(reply.origin().request);
  EXPECT_THAT(answered, ElementsAre(1, 2, 2, 3, 4, 5, 6));
  EXPECT_EQ(from_source_.done(), 0u) << "the sink has 1 and is not done with it";
  accept(2);
  EXPECT_EQ(from_source_.done(), 4u) << "3 and 4 wait for nobody else";
  accept(2);
  EXPECT_EQ(from_source_.done(), 6u);
  EXPECT_EQ(counters().emitted, 8u);
  EXPECT_EQ(counters().replied, 7u);
}

TEST_F(BeeActorDeliveryTest, DropsThrowsAndExpiryAreDone) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "1") return out.drop(record, "not wanted");
    if (record.text() == "2") throw std::runtime_error("broken");
    if (record.text() == "3") throw BadRecord("no number");
    out.fail(record, "refused");
  };
  run_kept(kept_settings());
  auto all = records(1, 4);
  all.push_back(record(5, now() - 1s));
  give(std::move(all));
  EXPECT_THAT(at_gateway_.replies, SizeIs(5));
  EXPECT_EQ(dead_letters_->counts().added, 1u);
  EXPECT_EQ(from_source_.done(), 5u);
}

TEST_F(BeeActorDeliveryTest, ABatchIsDoneWhenItsOutputsAreAndWhatHasExpiredAtOnce) {
  auto settings = kept_settings(true);
  settings.batch = {.size_max = 4, .delay_max = 10ms};
  at_sink_.accepts_at_once = false;
  run_kept(std::move(settings));
  give({record(1, now() - 1s), record(2), record(3)});
  advance(10ms);
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{2}));
  EXPECT_EQ(from_source_.done(), 0u) << "they were taken up together";
  accept(2);
  EXPECT_EQ(from_source_.done(), 3u);
}

TEST_F(BeeActorDeliveryTest, WhatAHaltedBeeRefusesIsDone) {
  run_kept(kept_settings());
  give(records(1, 1));
  ask(HaltBee{HaltBee::Queue::refuse});
  give(records(2, 4));
  EXPECT_THAT(at_gateway_.replies, SizeIs(3));
  EXPECT_EQ(from_source_.done(), 4u);
}

TEST_F(BeeActorDeliveryTest, ARebuildKeepsItsSessions) {
  script_.on_record = [](Record record, Outbox& out) {
    if (record.text() == "2") throw std::runtime_error("broken");
    out.emit(std::move(record));
  };
  run_kept(kept_settings());
  give(records(1, 4));
  EXPECT_EQ(script_.built, 2);
  EXPECT_THAT(at_sink_.numbers(), ElementsAre(1, 3, 4));
  ASSERT_TRUE(restart()->ok);
  give(records(5, 6));
  EXPECT_THAT(at_sink_.numbers(), ElementsAre(1, 3, 4, 5, 6)) << "none came twice";
  EXPECT_EQ(from_source_.done(), 6u);
}

TEST_F(BeeActorDeliveryTest, WhatAReceiverHadNotDoneWithGoesToItsNextPlacementOneByOne) {
  at_sink_.accepts_at_once = false;
  run_kept(kept_settings());
  give(records(1, 5));
  accept(2);
  EXPECT_EQ(from_source_.done(), 2u) << "the other three are not";
  at_next_sink_.is_done_at_once = false;
  replace_sink();
  give(records(6, 7));
  EXPECT_THAT(at_next_sink_.numbers(), ElementsAre(3)) << "the next one goes when it is done";
  at_next_sink_.is_done_at_once = true;
  replace_sink();
  EXPECT_THAT(at_next_sink_.numbers(), ElementsAre(3, 4, 5, 6, 7));
  EXPECT_EQ(from_source_.done(), 7u);
  EXPECT_EQ(counters().lost, 0u);
}

TEST_F(BeeActorDeliveryTest, ARecordThatEndsItsReceiverAgainAndAgainBecomesADeadLetter) {
  run_kept(kept_settings());
  at_sink_.is_done_at_once = at_next_sink_.is_done_at_once = false;
  give({record(1)});
  replace_sink();  // the first time nobody asked whose hands it was in
  for (std::uint32_t death = 1; death < limits::deaths_alone_max; ++death) replace_sink();
  EXPECT_THAT(at_next_sink_.numbers(), ElementsAre(1));
  EXPECT_EQ(dead_letters_->counts().added, 0u);
  at_next_sink_.is_done_at_once = true;
  give({record(2)});
  replace_sink();
  EXPECT_THAT(at_next_sink_.numbers(), ElementsAre(2));
  const auto letters = dead_letters_->list({}).letters;
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].bee, "sink");
  EXPECT_EQ(letters[0].record.text(), "1");
  EXPECT_EQ(letters[0].code, errc::bee_failed);
  ASSERT_THAT(at_gateway_.replies, SizeIs(1)) << "its client is told";
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::bee_failed);
  EXPECT_EQ(counters().dropped, 0u) << "it is a dead letter";
  EXPECT_THAT(log_, Contains(HasSubstr("a record for bee 'sink' is a dead letter")));
  EXPECT_EQ(from_source_.done(), 2u);
}

TEST_F(BeeActorDeliveryTest, ARecordThatIsToBeAloneIsTakenUpWhenAllElseIsDone) {
  for (const bool batches : {false, true}) {
    SCOPED_TRACE(batches);
    at_sink_.accepts_at_once = false;
    at_sink_.batches.clear();
    auto settings = kept_settings(batches);
    settings.batch = {.size_max = batches ? 4u : 0u, .delay_max = batches ? 60s : 0s};
    run_kept(std::move(settings));
    const auto put_from = [&](std::uint32_t sender, int number, bool alone) {
      EdgePacket packet{.records = {record(number)}, .bytes = 1, .prompt = true, .alone = alone};
      put_batch(RecordBatch{sender_key(9, sender, 3), 3, 2, std::move(packet)});
    };
    put_from(0, 1, false);
    put_from(1, 2, true);
    put_from(2, 3, true);
    put_from(3, 4, false);
    settle();
    advance(batches ? 60s : 0s);
    for (int number = 1; number <= 4; ++number) {
      ASSERT_EQ(at_sink_.numbers().size(), static_cast<std::size_t>(number)) << "nothing is taken up with another";
      EXPECT_EQ(at_sink_.numbers().back(), number);
      accept(1);
      advance(batches ? 60s : 0s);
    }
    EXPECT_EQ(from_source_.done(), 1u);
  }
}

TEST_F(BeeActorDeliveryTest, AnswersThatAGatewayHadNotTakenGoToItsNextPlacement) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  at_gateway_.is_done_at_once = false;
  run_kept(kept_settings());
  give(records(1, 3));
  shut_down(gateway_);
  settle();
  at_next_gateway_.edges.self = gateway_epoch_ = {2, 1};
  gateway_ = spawn_probe(at_next_gateway_);
  send_table();
  EXPECT_THAT(at_next_gateway_.replies, SizeIs(3)) << "orphans there, but done";
  EXPECT_EQ(from_source_.done(), 3u);
}

TEST_F(BeeActorDeliveryTest, AnswersToAGatewayThatHasEndedForGoodAreDone) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  at_gateway_.is_done_at_once = false;
  run_kept(kept_settings());
  give(records(1, 2));
  gateway_ = nullptr;
  send_table();
  EXPECT_EQ(from_source_.done(), 2u);
  give(records(3, 3));
  EXPECT_EQ(from_source_.done(), 3u);
  EXPECT_EQ(counters().orphaned, 1u);
}

TEST_F(BeeActorDeliveryTest, AnswersToAGatewayOutOfReachWaitForIt) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  at_gateway_.is_done_at_once = false;
  run_kept(kept_settings());
  give(records(1, 2));
  EXPECT_EQ(from_source_.done(), 0u);
  reach(nullptr);
  EXPECT_EQ(from_source_.done(), 2u) << "the clients of other gateways do not wait for it";
  give(records(3, 3));
  EXPECT_EQ(from_source_.done(), 3u);
  reach(spawn_probe(at_next_gateway_));
  EXPECT_THAT(at_next_gateway_.replies, SizeIs(3)) << "what it had not taken goes again";
  give(records(4, 4));
  EXPECT_EQ(from_source_.done(), 4u);
  EXPECT_EQ(counters().orphaned, 0u);
}

TEST_F(BeeActorDeliveryTest, UnderAtMostOnceAnAnswerMayOvertakeTheNewsOfItsGateway) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  at_next_gateway_.edges.delivery = Delivery::at_most_once;
  run(settings());
  reach(nullptr);
  give(records(1, 2));
  EXPECT_EQ(counters().orphaned, 0u);
  reach(spawn_probe(at_next_gateway_));
  EXPECT_THAT(at_next_gateway_.replies, SizeIs(2));
  reach(nullptr);
  give(records(3, 3));
  gateway_ = nullptr;
  ASSERT_TRUE(ask(table())->ok);
  EXPECT_EQ(counters().orphaned, 1u) << "it has ended for good";
}

TEST_F(BeeActorDeliveryTest, SoMuchIsKeptForAGatewayOutOfReachAndNoMore) {
  script_.on_record = [](Record record, Outbox& out) {
    out.reply(record.with(Payload::raw(std::string(limits::kept_answers_bytes_max / 2, 'x'))));
  };
  run_kept(kept_settings());
  reach(nullptr);
  give(records(1, 3));
  EXPECT_EQ(counters().replied, 2u);
  EXPECT_EQ(counters().orphaned, 1u);
  EXPECT_EQ(from_source_.done(), 3u);
  reach(spawn_probe(at_next_gateway_));
  EXPECT_THAT(at_next_gateway_.replies, SizeIs(2));
}

TEST_F(BeeActorDeliveryTest, ADrainWaitsUntilAllIsDone) {
  at_sink_.is_done_at_once = false;
  run_kept(kept_settings());
  give(records(1, 2));
  const auto drained = ask(Drain{});
  EXPECT_FALSE(drained->ok) << "the sink has accepted them, no more";
  at_next_sink_.is_done_at_once = true;
  replace_sink();
  EXPECT_TRUE(drained->ok);
}

TEST_F(BeeActorDeliveryTest, UnderAtMostOnceAnswersAreNumberedAndNotKept) {
  script_.on_record = [](Record record, Outbox& out) { out.reply(std::move(record)); };
  at_gateway_.edges.delivery = Delivery::at_most_once;
  run(settings());
  give(records(1, 3));
  EXPECT_THAT(at_gateway_.replies, SizeIs(3));
  gateway_epoch_ = at_next_gateway_.edges.self = {2, 1};
  gateway_ = spawn_probe(at_next_gateway_);
  auto next = table();
  next.gateways[0].epoch = gateway_epoch_;
  ASSERT_TRUE(ask(std::move(next))->ok);
  EXPECT_THAT(at_next_gateway_.replies, IsEmpty());
}

}  // namespace bee_actor_delivery_test
}  // namespace skep
