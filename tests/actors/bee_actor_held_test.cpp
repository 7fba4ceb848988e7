// A hosted bee that holds records: who is told when they are lost, and what is measured.

#include "bee_actor_fixture.hpp"

namespace skep {
namespace bee_actor_held_test {

using namespace std::chrono_literals;

class BeeActorHeldTest : public BeeActorFixture {
 protected:
  BeeActorHeldTest() {
    script_.on_start = [this](BeeContext& context) {
      held_.clear();
      context_ = &context;
    };
    script_.on_record = [this](Record record, Outbox& out) { held_.push_back(out.hold(std::move(record))); };
  }
  BeeSettings holding(HeldLimits limits = {}) {
    auto all = settings();
    all.holds_records = true;
    all.held = limits;
    all.meter = meter_;
    return all;
  }
  void let_go_by_timer() {
    script_.on_timer = [this](TimerId, Outbox& out) {
      for (auto& held : held_) out.emit(held.release());
      held_.clear();
    };
  }

  BeeMeterPtr meter_ = make_meter<BeeMeter>(1);
  std::vector<Held> held_;
  BeeContext* context_ = nullptr;
};

TEST_F(BeeActorHeldTest, WhatIsHeldIsAcceptedAndShownAndLeavesByATimer) {
  let_go_by_timer();
  run(holding());
  give(records(1, 3));
  EXPECT_EQ(from_source_.accepted(), 3u) << "its bound is its own, not the edge's credit";
  EXPECT_EQ(meter_->held.get(), 3u);
  EXPECT_EQ(meter_->queued.get(), 0u);
  context_->start_timer(1s);
  give(records(4, 4));
  advance(1s);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(meter_->held.get(), 0u);
}

TEST_F(BeeActorHeldTest, ARestartLosesWhatIsHeldAndTellsItsClients) {
  run(holding());
  give(records(1, 2));
  EXPECT_TRUE(restart()->ok);
  ASSERT_EQ(at_gateway_.replies.size(), 2u);
  EXPECT_EQ(at_gateway_.replies[1].origin().request, 2u);
  EXPECT_EQ(at_gateway_.replies[1].as_failure().code, errc::unavailable);
  EXPECT_EQ(counters().held_lost, 2u);
  EXPECT_EQ(dead_letters_->counts().records, 0u);
  give(records(3, 3));
  EXPECT_EQ(meter_->held.get(), 1u);
}

TEST_F(BeeActorHeldTest, AHaltTellsClientsBeforeItIsKnownWhatFollows) {
  run(holding());
  give(records(1, 1));
  ask(HaltBee{HaltBee::Queue::keep});
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
}

TEST_F(BeeActorHeldTest, AThrowLosesWhatIsHeldWithOneLineInTheLog) {
  script_.on_record = [this](Record record, Outbox& out) {
    if (record.text() == "50") throw std::runtime_error("fifty");
    held_.push_back(out.hold(std::move(record)));
  };
  run(holding());
  give(records(1, 50));
  EXPECT_EQ(at_gateway_.replies.size(), 50u);
  EXPECT_EQ(counters().held_lost, 49u);
  EXPECT_EQ(counters().failed, 1u);
  EXPECT_EQ(dead_letters_->counts().records, 1u) << "the one to blame";
  EXPECT_EQ(log_.size(), 1u) << log_.back();
}

TEST_F(BeeActorHeldTest, ARecordWithoutRoomIsADeadLetter) {
  run(holding({.records_max = 1}));
  give(records(1, 2));
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::overloaded);
  ASSERT_EQ(dead_letters_->list({}).letters.size(), 1u);
  EXPECT_EQ(dead_letters_->list({}).letters[0].record.text(), "2");
}

TEST_F(BeeActorHeldTest, ADrainLetsOnStopReleaseAndTellsTheClientsOfTheRest) {
  script_.on_stop = [this](Outbox& out) { out.emit(held_.front().release()); };
  run(holding());
  give(records(1, 2));
  const auto drained = ask(Drain{});
  ASSERT_TRUE(drained->ok);
  EXPECT_EQ(at_sink_.numbers(), std::vector<int>{1});
  ASSERT_EQ(at_gateway_.replies.size(), 1u);
  EXPECT_EQ(at_gateway_.replies[0].as_failure().code, errc::unavailable);
  EXPECT_EQ(drained->counters.held_lost, 1u);
}

}  // namespace bee_actor_held_test
}  // namespace skep
