// What all gateways have in common, around an object of a user's class.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gateways/probe_gateway.hpp"
#include "skep/actors/limits.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/testing/gateway_harness.hpp"

namespace skep::testing {
namespace custom_gateway_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Harness = GatewayHarness<Probe>;

std::uint64_t settled(const GatewayCounters& counters) {
  return counters.answered + counters.failed + counters.expired + counters.abandoned + counters.lost +
         counters.requests_open;
}

TEST(CustomGatewayTest, ASubmissionIsARecordWithItsKeyAndTime) {
  Harness gateway;
  ASSERT_TRUE(gateway.started()) << gateway.failure();
  const EventTime time(5s);
  ASSERT_TRUE(gateway.gateway().context->submit({.payload = Payload::raw("a"), .key = "k", .event_time = time}));
  ASSERT_TRUE(gateway.gateway().submit("b"));
  ASSERT_TRUE(gateway.gateway().submit("c"));
  gateway.run();
  ASSERT_EQ(gateway.submitted().size(), 3u);
  EXPECT_EQ(gateway.submitted()[0].text(), "a");
  EXPECT_EQ(gateway.submitted()[0].key(), "k");
  EXPECT_EQ(gateway.submitted()[0].header().event_time, time);
  EXPECT_NE(gateway.submitted()[1].header().event_time, time);
  EXPECT_NE(gateway.submitted()[1].key(), "");
  EXPECT_EQ(gateway.submitted()[1].key(), gateway.submitted()[2].key()) << "without a session: one order";
}

TEST(CustomGatewayTest, AnswersComeAsTheyAreMade) {
  Harness gateway;
  auto& probe = gateway.gateway();
  for (std::uint64_t tag : {1, 2, 3}) ASSERT_TRUE(probe.submit("q", tag));
  gateway.run();
  gateway.answer(gateway.submitted().at(2), "third");
  gateway.fail(gateway.submitted().at(0), errc::rejected, "no");
  EXPECT_THAT(probe.told(), ElementsAre("3: third", "1: rejected"));
  EXPECT_EQ(probe.answers[1].text(), R"({"error": {"code": "rejected", "message": "no", "retry": "unknown"}})");
  gateway.answer(gateway.submitted().at(1), "second");
  const auto counters = gateway.counters();
  EXPECT_EQ(counters.requests, 3u);
  EXPECT_EQ(counters.answered, 2u);
  EXPECT_EQ(counters.failed, 1u);
  EXPECT_EQ(counters.sessions, 0u) << "no client was opened";
}

TEST(CustomGatewayTest, AnswersToASessionComeInTheOrderOfItsRequests) {
  Harness gateway;
  auto& probe = gateway.gateway();
  const auto session = *probe.context->open_session();
  for (std::uint64_t tag : {1, 2}) ASSERT_TRUE(probe.submit(session, "q", tag));
  ASSERT_TRUE(probe.submit("q", 3));
  gateway.run();
  gateway.answer(gateway.submitted().at(1), "b");
  gateway.answer(gateway.submitted().at(2), "c");
  EXPECT_THAT(probe.told(), ElementsAre("3: c"));
  gateway.answer(gateway.submitted().at(0), "a");
  EXPECT_THAT(probe.told(), ElementsAre("3: c", "1: a", "2: b"));
  EXPECT_EQ(probe.answers[1].session, session);
  EXPECT_EQ(gateway.submitted()[0].key(), gateway.submitted()[1].key());
  EXPECT_NE(gateway.submitted()[0].key(), gateway.submitted()[2].key());
  EXPECT_EQ(gateway.counters().sessions_open, 1u);
}

TEST(CustomGatewayTest, TheFirstAnswerWins) {
  Harness gateway;
  ASSERT_TRUE(gateway.gateway().submit("q"));
  gateway.run();
  gateway.answer(gateway.submitted().at(0), "first");
  gateway.answer(gateway.submitted().at(0), "second");
  EXPECT_THAT(gateway.gateway().told(), ElementsAre("0: first"));
  EXPECT_EQ(gateway.counters().orphaned, 1u);
}

TEST(CustomGatewayTest, WhatIsNotAnsweredInTimeIsToldSo) {
  Harness gateway({}, {.keys = {{"deadline", "2s"}}});
  ASSERT_TRUE(gateway.gateway().submit("q", 7));
  gateway.advance(1900ms);
  EXPECT_THAT(gateway.gateway().told(), IsEmpty());
  gateway.advance(200ms);
  EXPECT_THAT(gateway.gateway().told(), ElementsAre("7: deadline_exceeded"));
  EXPECT_THAT(gateway.gateway().answers[0].failure->message, HasSubstr("deadline = 2s"));
  gateway.answer(gateway.submitted().at(0), "late");
  const auto counters = gateway.counters();
  EXPECT_EQ(counters.expired, 1u);
  EXPECT_EQ(counters.orphaned, 1u);
}

TEST(CustomGatewayTest, WhatIsTooLargeIsNotTaken) {
  Harness gateway({}, {.keys = {{"payload_bytes_max", "4B"}}});
  auto& probe = gateway.gateway();
  EXPECT_TRUE(probe.submit("1234"));
  const auto refused = probe.submit("12345");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::too_large);
  EXPECT_THAT(refused.error().message, HasSubstr("payload_bytes_max = 4B"));
  const std::string key(limits::key_bytes_max + 1, 'k');
  const auto long_key = probe.context->submit({.payload = Payload::raw("a"), .key = key});
  ASSERT_FALSE(long_key);
  EXPECT_EQ(long_key.error().code, errc::too_large);
  gateway.run();
  EXPECT_EQ(gateway.submitted().size(), 1u);
  EXPECT_THAT(probe.told(), IsEmpty()) << "an error that submit returned is not told again";
  EXPECT_EQ(gateway.counters().refused, 2u);
}

TEST(CustomGatewayTest, WhatIsNoRecordIsToldSo) {
  Harness gateway({.kind = "json"}, {.keys = {{"key", "$.id"}}});
  auto& probe = gateway.gateway();
  ASSERT_TRUE(probe.submit("{", 1));
  ASSERT_TRUE(probe.submit(R"({"x": 1})", 2));
  ASSERT_TRUE(probe.submit(R"({"id": "a"})", 3));
  gateway.run();
  EXPECT_THAT(probe.told(), ElementsAre("1: bad_record", "2: bad_record"));
  ASSERT_EQ(gateway.submitted().size(), 1u);
  EXPECT_EQ(gateway.submitted()[0].key(), "a");
  EXPECT_EQ(gateway.counters().refused, 2u);
}

TEST(CustomGatewayTest, WhenTheSwarmIsBehindItIsToldSo) {
  Harness gateway({}, {.window = 1});
  gateway.stand_still();
  auto& probe = gateway.gateway();
  for (std::uint64_t tag = 1; tag <= 4; ++tag) {
    ASSERT_TRUE(probe.submit("q", tag));
    gateway.run();
  }
  ASSERT_THAT(probe.told(), ElementsAre("2: overloaded", "3: overloaded", "4: overloaded"));
  EXPECT_THAT(probe.answers[0].failure->message, HasSubstr("the swarm is behind"));
  EXPECT_TRUE(probe.answers[0].failure->retry_safe);
  gateway.go_on();
  EXPECT_EQ(gateway.submitted().size(), 1u);
}

TEST(CustomGatewayTest, OneThatBlocksLosesNothing) {
  Harness gateway({}, {.keys = {{"overflow", "block"}, {"requests_max", 10'000}}, .window = 1});
  gateway.stand_still();
  auto& probe = gateway.gateway();
  std::uint64_t taken = 0;
  while (probe.submit(std::to_string(taken))) {
    ++taken;
    if (taken % 100 == 0) gateway.run();
    ASSERT_LT(taken, 10'000u);
  }
  EXPECT_EQ(probe.submit("one more").error().code, errc::overloaded);
  EXPECT_GE(taken, limits::gateway_submissions_max);
  gateway.go_on();
  ASSERT_EQ(gateway.submitted().size(), taken);
  for (std::uint64_t i = 0; i < taken; ++i) ASSERT_EQ(gateway.submitted()[i].text(), std::to_string(i));
  EXPECT_TRUE(probe.submit("again"));
  EXPECT_EQ(gateway.counters().refused, 0u);
}

TEST(CustomGatewayTest, TheBytesThatWaitAreBounded) {
  Harness gateway({}, {.keys = {{"overflow", "block"}, {"payload_bytes_max", "64MiB"}}, .window = 1});
  auto& probe = gateway.gateway();
  const std::string large(limits::gateway_submission_bytes_max + 1, 'x');
  EXPECT_TRUE(probe.submit(large)) << "one alone passes";
  EXPECT_FALSE(probe.submit("x"));
  gateway.run();
  EXPECT_TRUE(probe.submit("x"));
}

TEST(CustomGatewayTest, ItHasTheLimitsOfOtherGateways) {
  Harness gateway({}, {.keys = {{"requests_max", 2}, {"session_requests_max", 1}, {"sessions_max", 1}}});
  auto& probe = gateway.gateway();
  const auto session = *probe.context->open_session();
  EXPECT_EQ(probe.context->open_session().error().code, errc::overloaded);
  ASSERT_TRUE(probe.submit(session, "a", 1));
  ASSERT_TRUE(probe.submit(session, "b", 2));
  ASSERT_TRUE(probe.submit("c", 3));
  ASSERT_TRUE(probe.submit("d", 4));
  gateway.run();
  EXPECT_THAT(probe.told(), ElementsAre("4: overloaded"));
  EXPECT_THAT(probe.answers[0].failure->message, HasSubstr("requests_max = 2"));
  gateway.answer(gateway.submitted().at(0), "A");
  EXPECT_THAT(probe.told(), ElementsAre("4: overloaded", "1: A", "2: overloaded"));
  EXPECT_THAT(probe.answers[2].failure->message, HasSubstr("session_requests_max = 1"));
  probe.context->close_session(session);
  EXPECT_EQ(probe.context->open_session().error().code, errc::overloaded) << "until its end was taken up";
  gateway.run();
  EXPECT_TRUE(probe.context->open_session());
}

TEST(CustomGatewayTest, AnAnswerThatIsTooLargeIsAnError) {
  Harness gateway({}, {.keys = {{"reply_bytes_max", "3B"}}});
  ASSERT_TRUE(gateway.gateway().submit("q"));
  gateway.run();
  gateway.answer(gateway.submitted().at(0), "four");
  EXPECT_THAT(gateway.gateway().told(), ElementsAre("0: too_large"));
}

TEST(CustomGatewayTest, WhatIsCancelledIsNeverAnswered) {
  Harness gateway;
  auto& probe = gateway.gateway();
  const auto first = *probe.submit("a", 1);
  const auto session = *probe.context->open_session();
  ASSERT_TRUE(probe.submit(session, "b", 2));
  ASSERT_TRUE(probe.submit("c", 3));
  gateway.run();
  probe.context->cancel(first);
  probe.context->cancel(first);
  probe.context->cancel(SubmissionId{99});
  probe.context->close_session(session);
  probe.context->close_session(session);
  EXPECT_EQ(probe.submit(session, "d").error().code, errc::unavailable);
  gateway.run();
  for (const auto& record : gateway.submitted()) gateway.answer(record, "x");
  EXPECT_THAT(probe.told(), ElementsAre("3: x"));
  const auto counters = gateway.counters();
  EXPECT_EQ(counters.abandoned, 2u);
  EXPECT_EQ(counters.orphaned, 2u);
  EXPECT_EQ(settled(counters), counters.requests);
}

TEST(CustomGatewayTest, ACallbackMayAskForAnything) {
  Harness gateway;
  auto& probe = gateway.gateway();
  const auto session = *probe.context->open_session();
  ASSERT_TRUE(probe.submit(session, "a", 1));
  ASSERT_TRUE(probe.submit(session, "b", 2));
  gateway.run();
  probe.then = [&] {
    ASSERT_TRUE(probe.submit("c", 3));
    probe.context->close_session(session);
  };
  gateway.answer(gateway.submitted().at(0), "A");
  gateway.answer(gateway.submitted().at(1), "B");
  ASSERT_EQ(gateway.submitted().size(), 3u);
  gateway.answer(gateway.submitted().at(2), "C");
  EXPECT_THAT(probe.told(), ElementsAre("1: A", "3: C"));
  const auto counters = gateway.counters();
  EXPECT_EQ(counters.abandoned, 1u);
  EXPECT_EQ(counters.sessions_open, 0u);
}

TEST(CustomGatewayTest, WithoutAnswersOnlyRefusalsAreTold) {
  Harness gateway({.kind = "json"}, {.answers = false});
  auto& probe = gateway.gateway();
  EXPECT_FALSE(probe.context->answers());
  ASSERT_TRUE(probe.submit("{}", 1));
  ASSERT_TRUE(probe.submit("{", 2));
  ASSERT_TRUE(probe.submit("[]", 3));
  gateway.run();
  EXPECT_EQ(gateway.submitted().size(), 2u);
  EXPECT_THAT(probe.told(), ElementsAre("2: bad_record"));
}

TEST(CustomGatewayTest, RecordsAreDelivered) {
  for (const auto& [unfit, why] : {std::pair{"bad", "it is bad"}, {"broken", "lost: malformed message: a pointer"}}) {
    Harness gateway({}, {.answers = false, .delivers = true});
    auto& probe = gateway.gateway();
    EXPECT_TRUE(probe.context->delivers());
    for (const auto* text : {"a", unfit, unfit, "b"}) gateway.deliver(text);
    EXPECT_THAT(probe.delivered, ElementsAre("a", "b"));
    const auto counters = gateway.counters();
    EXPECT_EQ(counters.sent, 2u);
    EXPECT_EQ(counters.lost, 2u);
    ASSERT_EQ(gateway.log().size(), 1u);
    EXPECT_THAT(gateway.log()[0].text, HasSubstr(why));
  }
}

TEST(CustomGatewayTest, WhileDeliveriesArePausedTheSwarmWaits) {
  Harness gateway({}, {.delivers = true});
  auto& probe = gateway.gateway();
  probe.then = [&] { probe.context->pause_deliveries(); };
  for (const auto* text : {"a", "b", "c"}) gateway.deliver(text);
  EXPECT_THAT(probe.delivered, ElementsAre("a"));
  EXPECT_GE(gateway.undelivered(), 1u);
  ASSERT_TRUE(probe.submit("q"));
  gateway.run();
  EXPECT_EQ(gateway.submitted().size(), 1u) << "the other way goes on";
  probe.context->resume_deliveries();
  gateway.run();
  EXPECT_THAT(probe.delivered, ElementsAre("a", "b", "c"));
  EXPECT_EQ(gateway.undelivered(), 0u);
}

TEST(CustomGatewayTest, TimersFireInTheirOrder) {
  Harness gateway;
  auto& probe = gateway.gateway();
  const auto late = probe.context->start_timer(3s);
  const auto soon = probe.context->start_timer(1s);
  const auto never = probe.context->start_timer(2s);
  probe.context->cancel_timer(never);
  gateway.advance(999ms);
  EXPECT_THAT(probe.timers, IsEmpty());
  gateway.advance(2100ms);
  EXPECT_THAT(probe.timers, ElementsAre(soon, late));
  for (std::uint32_t i = 0; i < limits::timers_max; ++i) static_cast<void>(probe.context->start_timer(1h));
  EXPECT_THROW(static_cast<void>(probe.context->start_timer(1h)), std::length_error);
}

/// Two ends that are closed.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void write(char letter) const { EXPECT_EQ(::write(ends[1], &letter, 1), 1); }
  int ends[2];
};

TEST(CustomGatewayTest, ItReadsWhatIsReadable) {
  Harness gateway;
  auto& probe = gateway.gateway();
  Pipe pipe;
  probe.read = [&](int descriptor) {
    char letter = 0;
    ASSERT_EQ(::read(descriptor, &letter, 1), 1);
    ASSERT_TRUE(probe.submit({&letter, 1}));
  };
  probe.context->watch(pipe.ends[0]);
  for (const char letter : {'a', 'b'}) pipe.write(letter);
  gateway.run();
  ASSERT_EQ(gateway.submitted().size(), 2u);
  EXPECT_EQ(gateway.submitted()[1].text(), "b");
  probe.context->unwatch(pipe.ends[0]);
  pipe.write('c');
  gateway.run();
  EXPECT_EQ(gateway.submitted().size(), 2u);
}

TEST(CustomGatewayTest, WatchedDescriptorsAreBounded) {
  Harness gateway;
  auto& context = *gateway.gateway().context;
  for (std::size_t i = 0; i < limits::gateway_watches_max; ++i) context.watch(1000 + static_cast<int>(i));
  EXPECT_THROW(context.watch(9999), std::length_error);
  for (std::size_t i = 0; i < limits::gateway_watches_max; ++i) context.unwatch(1000 + static_cast<int>(i));
}

TEST(CustomGatewayTest, WhatWaitedWhenItsClientLeftWasNeverAdmitted) {
  Harness gateway({}, {.keys = {{"overflow", "block"}}, .window = 1});
  gateway.stand_still();
  auto& probe = gateway.gateway();
  const auto session = *probe.context->open_session();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(probe.submit(session, "q"));
    gateway.run();
  }
  probe.context->close_session(session);
  const auto counters = gateway.counters();
  EXPECT_GE(counters.refused, 1u);
  EXPECT_EQ(counters.requests + counters.refused, 10u);
  EXPECT_EQ(settled(counters), counters.requests);
  EXPECT_EQ(counters.requests_open, 0u);
}

TEST(CustomGatewayTest, AThrowInOnStartIsAFailedStart) {
  Harness gateway({.throws_in = "on_start"});
  EXPECT_FALSE(gateway.started());
  EXPECT_EQ(gateway.failure(), "its start threw: as it should");
  EXPECT_THROW(static_cast<void>(gateway.gateway()), std::logic_error) << "its object is gone";
}

/// Brings it to call each of its callbacks.
void provoke(Harness& gateway, const std::string& callback, const Pipe& pipe) {
  auto& context = *gateway.gateway().context;
  if (callback == "on_answer") gateway.answer(gateway.submitted().at(0), "a");
  if (callback == "deliver") gateway.deliver("a");
  if (callback == "on_timer") {
    static_cast<void>(context.start_timer(1s));
    gateway.advance(1s);
    gateway.advance(10ms);
  }
  if (callback == "on_readable") {
    context.watch(pipe.ends[0]);
    pipe.write('x');
    gateway.run();
  }
}

TEST(CustomGatewayTest, AThrowEndsItAndItsCountsAddUp) {
  for (const std::string callback : {"on_answer", "deliver", "on_timer", "on_readable"}) {
    SCOPED_TRACE(callback);
    Harness gateway({.throws_in = callback}, {.delivers = true});
    Pipe pipe;
    const auto session = *gateway.gateway().context->open_session();
    ASSERT_TRUE(gateway.gateway().submit("a"));
    ASSERT_TRUE(gateway.gateway().submit(session, "b"));
    gateway.run();
    const auto before = gateway.submitted();
    provoke(gateway, callback, pipe);
    EXPECT_FALSE(gateway.started());
    EXPECT_EQ(gateway.failure(), callback + " threw: as it should");
    const auto counters = gateway.counters();
    EXPECT_EQ(counters.requests, 2u);
    EXPECT_EQ(counters.requests_open, 0u);
    EXPECT_EQ(counters.sessions_open, 0u);
    EXPECT_EQ(settled(counters), callback == "deliver" ? 3u : 2u) << "its record is lost, too";

    gateway.restart();
    ASSERT_TRUE(gateway.started());
    gateway.answer(before.at(0), "to nobody");
    EXPECT_EQ(gateway.counters().orphaned, 1u);
    EXPECT_THAT(gateway.gateway().told(), IsEmpty());
  }
}

TEST(CustomGatewayTest, ItMaySayItselfThatItCannotGoOn) {
  Harness gateway;
  ASSERT_TRUE(gateway.gateway().submit("a"));
  gateway.run();
  ASSERT_TRUE(gateway.gateway().submit("too late"));
  std::thread([&] { gateway.gateway().context->fail("the line is dead"); }).join();
  gateway.run();
  EXPECT_EQ(gateway.failure(), "the line is dead");
  EXPECT_EQ(gateway.counters().lost, 1u);
  EXPECT_EQ(gateway.counters().requests, 1u);
  EXPECT_EQ(gateway.counters().refused, 1u) << "taken, and never admitted";
}

TEST(CustomGatewayTest, ADrainAnswersWhatWasAdmittedAndRefusesTheRest) {
  Harness gateway({}, {.delivers = true, .keys = {{"drain_time_max", "3s"}}});
  auto& probe = gateway.gateway();
  ASSERT_TRUE(probe.submit("a", 1));
  const auto counters = gateway.stop();  // nobody answers
  EXPECT_THAT(probe.told(), ElementsAre("1: unavailable"));
  EXPECT_TRUE(probe.stopped);
  EXPECT_TRUE(probe.context->closed());
  EXPECT_EQ(counters.lost, 1u);
  EXPECT_EQ(settled(counters), counters.requests);
  const auto late = probe.submit("b", 2);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::unavailable);
  EXPECT_EQ(late.error().message, "the gateway is shutting down");
  EXPECT_FALSE(probe.context->open_session());
  gateway.run();
  EXPECT_EQ(probe.told().size(), 1u);
}

TEST(CustomGatewayTest, WhatWaitsForRoomAtADrainIsRefused) {
  Harness gateway({}, {.keys = {{"overflow", "block"}, {"drain_time_max", "1s"}}, .window = 1});
  gateway.stand_still();
  auto& probe = gateway.gateway();
  for (std::uint64_t tag = 1; tag <= 5; ++tag) ASSERT_TRUE(probe.submit("q", tag));
  const auto counters = gateway.stop();
  EXPECT_EQ(probe.told().size(), 5u);
  EXPECT_EQ(counters.requests + counters.refused, 5u);
  EXPECT_EQ(settled(counters), counters.requests);
}

TEST(CustomGatewayTest, AThrowInOnStopIsLogged) {
  Harness gateway({.throws_in = "on_stop"});
  static_cast<void>(gateway.stop());
  EXPECT_EQ(gateway.failure(), "");
  ASSERT_FALSE(gateway.log().empty());
  EXPECT_EQ(gateway.log().back().text, "on_stop threw: as it should");
}

TEST(CustomGatewayTest, NobodyWaitsOnTheThreadThatMakesRoom) {
  Harness gateway;
  EXPECT_THROW(static_cast<void>(gateway.gateway().context->await_room(1s)), std::logic_error);
}

TEST(CustomGatewayTest, AThreadThatWaitsForRoomHearsOfTheEnd) {
  Harness gateway({}, {.keys = {{"overflow", "block"}}, .window = 1});
  auto& probe = gateway.gateway();
  gateway.stand_still();
  for (int round = 0; round < 3; ++round) {  // full, and nothing of it can go on
    while (probe.submit("x")) continue;
    gateway.run();
  }
  bool room = true;
  std::thread waits([&] { room = probe.context->await_room(1h); });
  static_cast<void>(gateway.stop());
  waits.join();
  EXPECT_FALSE(room);
}

TEST(CustomGatewayTest, AHarnessRefusesKeysThatNoGatewayHas) {
  EXPECT_THROW(Harness({}, {.keys = {{"dedline", "1s"}}}), std::invalid_argument);
}

}  // namespace custom_gateway_test
}  // namespace skep::testing
