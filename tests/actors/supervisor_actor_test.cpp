#include "skep/actors/supervisor_actor.hpp"

#include <gmock/gmock.h>

#include "skep/actors/limits.hpp"
#include "supervisor_actor_fixture.hpp"

namespace skep {
namespace supervisor_actor_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void throw_on_2(Script& script) {
  script.on_record = [](Record record, Outbox& out) {
    if (record.text() == "2") throw std::runtime_error("two");
    out.emit(std::move(record));
  };
}

TEST_F(SupervisorActorTest, StartsFromTheSinksUpAndGatewaysLast) {
  const auto answer = begin(two_in_ten_seconds);
  EXPECT_TRUE(answer->ok);
  EXPECT_THAT(order_, ElementsAre("last", "first"));
  EXPECT_EQ(gateway_seen_.tables.size(), 1u);
  send_in(1, 3);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3}));
}

TEST_F(SupervisorActorTest, ABeeThatNeverStartsFailsTheSwarmAndStopsWhatHadStarted) {
  script(first).on_start = [](BeeContext&) { throw std::runtime_error("no fuel"); };
  const auto answer = begin(two_in_ten_seconds);
  ASSERT_TRUE(answer->error.has_value());
  EXPECT_THAT(answer->error->message, HasSubstr("bee 'first' did not start"));
  EXPECT_THAT(answer->error->message, HasSubstr("no fuel"));
  EXPECT_THAT(failed_, ElementsAre(HasSubstr("no fuel")));
  EXPECT_TRUE(gateway_seen_.tables.empty()) << "its socket was never opened";
  advance(1h);
  EXPECT_EQ(script(first).built, 1) << "what never ran is not tried again";
}

TEST_F(SupervisorActorTest, AGatewayThatIsNotReadyInTimeFailsTheSwarm) {
  gateway_seen_.answers_start = false;
  const auto answer = begin(two_in_ten_seconds);
  advance(4999ms);
  EXPECT_FALSE(answer->error.has_value());
  advance(1ms);
  ASSERT_TRUE(answer->error.has_value());
  EXPECT_EQ(answer->error->code, errc::timed_out);
  EXPECT_EQ(answer->error->message, "gateway 'front' did not start: not ready within 5s");
}

TEST_F(SupervisorActorTest, OneForOneRestartsOnlyTheFailedBeeAfterTheDelayAndKeepsItsQueue) {
  throw_on_2(script(first));
  begin(two_in_ten_seconds);
  script(first).on_start = [this](BeeContext&) {
    if (script(first).built == 2) throw std::runtime_error("no disk");
  };
  send_in(1, 4);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1}));
  advance(limits::restart_delay_min - 1ms);
  EXPECT_EQ(script(first).built, 2);
  advance(1ms);
  EXPECT_EQ(script(first).built, 3);
  EXPECT_EQ(script(last).built, 1);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 3, 4}));
  EXPECT_TRUE(failed_.empty());
}

TEST_F(SupervisorActorTest, OneForAllRestartsAllBeesInOrderButNoGateway) {
  begin({.strategy = Strategy::one_for_all, .intensity = 2, .period = 10s});
  script(last).on_record = [](Record, Outbox&) { throw std::runtime_error("always"); };
  script(last).on_start = [this](BeeContext&) {
    order_.emplace_back("last");
    if (script(last).built == 2) throw std::runtime_error("no disk");
  };
  order_.clear();
  send_in(1, 1);
  EXPECT_THAT(order_, ElementsAre("last"));
  advance(limits::restart_delay_min);
  EXPECT_THAT(order_, ElementsAre("last", "last", "first"));
  EXPECT_EQ(gateway_seen_.tables.size(), 1u);
}

TEST_F(SupervisorActorTest, RestForOneRestartsTheFailedBeeAndThoseUpstream) {
  const SupervisorSettings rest{.strategy = Strategy::rest_for_one, .intensity = 2, .period = 10s};
  begin(rest);
  for (const auto child : {first, last}) {
    script(child).on_start = [this, child](BeeContext& context) {
      order_.push_back(child == first ? "first" : "last");
      if (script(child).built == 2) context.start_timer(1ms);
    };
    script(child).on_timer = [](TimerId, Outbox&) { throw std::runtime_error("tick"); };
  }
  order_.clear();
  script(first).on_record = [](Record, Outbox&) { throw std::runtime_error("once"); };
  send_in(1, 1);  // a rebuild at once, then the timer of the new object
  EXPECT_THAT(order_, ElementsAre("first"));
  pass(20ms + limits::restart_delay_min);
  EXPECT_THAT(order_, ElementsAre("first", "first")) << "nobody is upstream of it but a gateway";
  order_.clear();
  script(first).on_record = [](Record record, Outbox& out) { out.emit(std::move(record)); };
  script(last).on_record = [](Record, Outbox&) { throw std::runtime_error("once"); };
  send_in(2, 2);
  EXPECT_THAT(order_, ElementsAre("last"));
  pass(20ms + limits::restart_delay_min);
  EXPECT_THAT(order_, ElementsAre("last", "last", "first"));
}

TEST_F(SupervisorActorTest, TooManyFailuresFailTheSwarmVisiblyAndNobodyWaits) {
  throw_on_2(script(last));
  begin(two_in_ten_seconds);
  script(last).on_start = [](BeeContext&) { throw std::runtime_error("no disk"); };
  send_in(1, 4);
  pass(5s);
  EXPECT_EQ(script(last).built, 4) << "the first, its rebuild, and two restarts";
  ASSERT_THAT(failed_, ElementsAre(HasSubstr("more than 2 restarts within 10s")));
  EXPECT_THAT(failed_[0], HasSubstr("no disk"));
  EXPECT_THAT(log_, Contains(HasSubstr("swarm 'test' has failed: more than 2 restarts")));
  EXPECT_THAT(gateway_seen_.unavailable, ElementsAre(failed_[0]));
  send_in(5, 6);
  EXPECT_EQ(from_source_.accepted(), 6u) << "what is refused is accepted";
  advance(1h);
  EXPECT_EQ(script(last).built, 4);
  for (const auto child : {first, last}) {
    bee_ = household_->actor(child);
    const auto counted = ask(Drain{})->counters;
    EXPECT_EQ(counted.dropped, 2u) << "3 and 4 waited at the last bee; 5 and 6 came to the first";
  }
}

TEST_F(SupervisorActorTest, RecordsThatThrowNeverFailTheSwarm) {
  throw_on_2(script(first));
  begin(two_in_ten_seconds);
  for (int i = 0; i < 100; ++i) send_in(1, 3);
  advance(1h);
  EXPECT_TRUE(failed_.empty());
  EXPECT_EQ(at_sink_.numbers().size(), 200u);
  EXPECT_EQ(dead_letters_->counts().added, 100u);
}

TEST_F(SupervisorActorTest, ABeeWhoseActorHasEndedGetsAnotherAndItsSendersFindIt) {
  begin(two_in_ten_seconds);
  send_in(1, 2);
  const auto old = household_->actor(last);
  kill(old);
  settle();
  EXPECT_EQ(household_->actor(last), old);
  advance(limits::restart_delay_min);
  EXPECT_NE(household_->actor(last), old);
  EXPECT_EQ(script(last).built, 2);
  EXPECT_EQ(script(first).built, 1);
  send_in(3, 4);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3, 4}));
}

TEST_F(SupervisorActorTest, WhatWaitsForABeeThatEndedGoesToTheNextOne) {
  begin(two_in_ten_seconds);
  kill(household_->actor(last));
  settle();
  const auto count = static_cast<int>(limits::edge_window) + 10;  // more than a window
  send_in(1, count);
  advance(limits::restart_delay_min);
  send_in(5000, 5001);
  const auto numbers = at_sink_.numbers();
  EXPECT_EQ(numbers.size(), count + 2u);
  EXPECT_EQ(numbers.back(), 5001);
}

TEST_F(SupervisorActorTest, ANewActorThatDoesNotStartIsReplacedAgain) {
  begin(two_in_ten_seconds);
  script(last).on_start = [this](BeeContext&) {
    if (script(last).built == 2) throw std::runtime_error("no disk");
  };
  kill(household_->actor(last));
  pass(limits::restart_delay_min);
  EXPECT_EQ(script(last).built, 2);
  pass(2 * limits::restart_delay_min);
  EXPECT_EQ(script(last).built, 3);
  send_in(1, 2);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2}));
  throw_on_2(script(last));
  script(last).on_start = [this](BeeContext&) {
    if (script(last).built == 4) throw std::runtime_error("no disk");
  };
  advance(1min);
  send_in(2, 3);
  advance(limits::restart_delay_min);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2, 3})) << "its failures are heard under its new life";
}

TEST_F(SupervisorActorTest, AGatewayThatEndedComesBackAndBeesKnowIt) {
  begin(two_in_ten_seconds);
  const auto old = household_->actor(front);
  kill(old);
  pass(limits::restart_delay_min);
  EXPECT_NE(household_->actor(front), old);
  EXPECT_EQ(gateway_seen_.tables.size(), 2u);
  EXPECT_EQ(script(first).built, 1);
  send_in(1, 2);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{1, 2}));
}

TEST_F(SupervisorActorTest, ATemporaryBeeThatFailedRefusesWhatComesAndTheRestGoesOn) {
  auto specs = children();
  specs[0].restart = Restart::temporary;
  throw_on_2(script(last));
  begin(two_in_ten_seconds, specs);
  script(last).on_start = [](BeeContext&) { throw std::runtime_error("no disk"); };
  send_in(1, 4);
  advance(1h);
  EXPECT_EQ(script(last).built, 2);
  send_in(5, 6);
  bee_ = household_->actor(last);
  EXPECT_EQ(counters().dropped, 2u) << "3 and 4 waited there";
  bee_ = household_->actor(first);
  EXPECT_EQ(counters().dropped, 2u) << "its sender knows by now";
  EXPECT_TRUE(failed_.empty());
}

TEST_F(SupervisorActorTest, ABeeThatDoesNotReturnIsGivenUpAndAnotherTakesItsPlace) {
  begin(two_in_ten_seconds);
  const auto old = household_->actor(last);
  script(last).on_record = [this](Record record, Outbox& out) {
    if (script(last).built > 1) return out.emit(std::move(record));
    const auto inside = calls_.look(now());
    ASSERT_EQ(inside.size(), 1u);
    EXPECT_EQ(calls_.name(inside[0].bee), "bee 'last' replica 0 of swarm 'test'");
    calls_.abandon(inside[0].bee, "has not returned from a call for 10s");
  };
  send_in(1, 1);
  EXPECT_THAT(log_, Contains("bee 'last' is given up with its thread: has not returned from a call for 10s"));
  EXPECT_EQ(household_->actor(last), old);
  advance(limits::restart_delay_min);
  EXPECT_NE(household_->actor(last), old);
  EXPECT_EQ(script(last).built, 2);
  EXPECT_EQ(script(first).built, 1);
  EXPECT_TRUE(calls_.look(now()).empty()) << "it has returned after all, and left";
  send_in(2, 3);
  EXPECT_EQ(at_sink_.numbers(), (std::vector<int>{2, 3}));
  EXPECT_TRUE(failed_.empty());
}

TEST_F(SupervisorActorTest, GivingABeeUpCountsAsAFailureOfIt) {
  begin(two_in_ten_seconds);
  give_up_three_times(last);
  ASSERT_THAT(failed_, ElementsAre(HasSubstr("more than 2 restarts within 10s")));
  EXPECT_THAT(failed_[0], HasSubstr("stuck again"));
}

TEST_F(SupervisorActorTest, GatewaysHearWhyTheSwarmFailsBeforeTheyHearThatABeeIsGone) {
  begin(two_in_ten_seconds);
  give_up_three_times(first);
  ASSERT_THAT(gateway_seen_.unavailable, ElementsAre(HasSubstr("stuck again")));
  const auto& tables = gateway_seen_.tables;
  ASSERT_GT(tables.size(), gateway_seen_.tables_before);
  EXPECT_EQ(tables.back().edges.at(0).receivers.at(0).actor, nullptr);
  EXPECT_NE(tables.at(gateway_seen_.tables_before - 1).edges.at(0).receivers.at(0).actor, nullptr);
}

TEST_F(SupervisorActorTest, ABeeThatIsGivenUpTwiceCountsOnce) {
  begin(two_in_ten_seconds);
  const BeeStuck stuck{household_->actor(last).address(), "stuck"};
  for (int i = 0; i < 5; ++i) tell(stuck);
  pass(1s);
  EXPECT_EQ(script(last).built, 2);
  EXPECT_TRUE(failed_.empty());
}

TEST_F(SupervisorActorTest, TheLastReasonsAreShown) {
  begin(two_in_ten_seconds);
  script(first).on_start = [this](BeeContext&) {
    if (script(first).built == 2) throw std::runtime_error("no disk");
  };
  throw_on_2(script(first));
  send_in(2, 2);
  advance(1s);
  const auto seen = supervision();
  EXPECT_EQ(seen.phase, Supervisor::Phase::running);
  EXPECT_EQ(seen.restarts, 1u);
  ASSERT_EQ(seen.reasons.size(), 1u);
  EXPECT_EQ(seen.reasons[0].child, "bee 'first'");
  EXPECT_THAT(seen.reasons[0].text, HasSubstr("no disk"));
}

}  // namespace supervisor_actor_test
}  // namespace skep
