// How a tcp gateway ends, and what it counts then.

#include <gmock/gmock.h>
#include <caf/scoped_actor.hpp>

#include <algorithm>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace tcp_gateway_drain_test {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(TcpGatewayDrainTest, DrainsByAnsweringWhatItAdmitted) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  const auto address = hive.address();
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  hive.start_drain();
  hive.script(Script::echo);
  EXPECT_EQ(client.rest(), "1\n2\n");
  client.close();
  const auto counters = hive.drain();
  EXPECT_EQ(counters.answered, 2u);
  EXPECT_EQ(counters.sessions_open, 0u);
}

TEST(TcpGatewayDrainTest, DrainsInTimeWithAnErrorForWhatIsNotAnswered) {
  Hive hive(tcp({{"drain_time_max", option("30ms")}}));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  hive.start_drain();
  EXPECT_THAT(client.line(), Optional(HasSubstr("unavailable")));
  EXPECT_EQ(client.line(), std::nullopt);
}

TEST(TcpGatewayDrainTest, DrainsWithinTheTimeItIsGivenAndCountsWhatItGivesUp) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  const auto began = std::chrono::steady_clock::now();
  const auto counters = hive.drain(std::chrono::milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - began, limits::drain_time_max);
  EXPECT_THAT(client.line(), Optional(HasSubstr("unavailable")));
  EXPECT_EQ(counters.requests_open, 0u);
  EXPECT_EQ(counters.lost, 2u);
  EXPECT_EQ(counters.cut_off, 2u);
  EXPECT_EQ(counters.failed, 0u);
}

TEST(TcpGatewayDrainTest, ClosesAtOnceWhenThereIsNoMoreTimeAndCountsWhatStillComes) {
  auto setup = tcp({{"drain_time_max", option("1h")}});
  setup.receives = true;
  Hive hive(setup);
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  hive.start_drain();
  hive.cease();
  EXPECT_EQ(hive.counters().lost, 2u);
  EXPECT_EQ(client.line(), std::nullopt);
  hive.send_out({"3", "4", "5"});
  eventually([&] { return hive.counters().lost == 5; }, "records that are lost");
  const auto counters = hive.drain();
  EXPECT_EQ(counters.cut_off, 5u);
  EXPECT_EQ(counters.sessions_open, 0u);
}

TEST(TcpGatewayDrainTest, CountsAnAnswerOnceItHasGone) {
  Hive hive(tcp({{"framing", option("length")},
                 {"content", option("raw")},
                 {"write_bytes_max", option("64MiB")},
                 {"drain_time_max", option("50ms")},
                 {"close_time_max", option("50ms")}}));
  hive.answer_with([](const Record& record) { return record.with(Payload::raw(std::string(3'000'000, 'x'))); });
  SocketClient client(hive.address());
  for (int i = 0; i < 8; ++i) client.send(framed("1"));  // more than the kernel takes
  eventually([&] { return hive.counters().requests == 8 && hive.counters().requests_open == 0; }, "eight answers");
  const auto counters = hive.drain();
  EXPECT_EQ(counters.answered + counters.lost, 8u);
  EXPECT_GT(counters.lost, 0u);
  std::uint64_t whole = 0;
  while (unframed(client).size() == 3'000'000) ++whole;
  EXPECT_EQ(counters.answered, whole);
}

TEST(TcpGatewayDrainTest, RecordsThatWaitWhenTheTimeIsOverAreCutOffThoughTheClientClosesInGoodOrder) {
  auto setup = tcp({{"write_bytes_max", option("1MiB")}, {"drain_time_max", option("50ms")}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  SocketClient client(hive.address());
  hive.send_out(Texts(8, std::string(3'000'000, '7')));  // more than the kernel takes
  eventually([&] { return hive.counters().sent > 0; }, "a first record");
  hive.start_drain();
  eventually([&] { return hive.log().contain("drain_time_max is over"); }, "the end of that time");
  const auto read = client.rest();
  client.close();
  const auto counters = hive.drain();
  EXPECT_EQ(counters.sent, static_cast<std::uint64_t>(std::count(read.begin(), read.end(), '\n')));
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.sent + counters.lost, 8u);
  EXPECT_EQ(counters.cut_off, counters.lost);
}

TEST(TcpGatewayDrainTest, AnEndOfIntakeSaysNothingOfRecordsThatStillGoOut) {
  auto setup = tcp({{"write_bytes_max", option("1MiB")}, {"drain_time_max", option("50ms")}});
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  hive.send_out(Texts(8, std::string(3'000'000, '7')));  // more than the kernel takes
  eventually([&] { return hive.counters().sent > 0; }, "a first record");
  EXPECT_EQ(hive.end_intake().lost, 1u);
  EXPECT_TRUE(hive.log().contain("drain_time_max is over: 1 request unanswered (this gateway's is 50ms)"));
  EXPECT_FALSE(hive.log().contain("records"));
}

TEST(TcpGatewayDrainTest, SaysNothingWhereNothingIsGivenUp) {
  auto setup = tcp({{"drain_time_max", option("20ms")}});
  setup.answers = false;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n");
  eventually([&] { return hive.counters().requests == 1; }, "a record");
  client.close();
  EXPECT_EQ(hive.end_intake().lost, 0u);
  EXPECT_EQ(hive.drain().lost, 0u);
  EXPECT_FALSE(hive.log().contain("drain_time_max"));
}

/// Asks the same twice, and then has the bee answer; how many requests were open when it was answered.
template <class Question>
std::vector<std::uint64_t> ask_twice(Hive& hive, Question question) {
  caf::scoped_actor first(hive.gateway().home_system()), second(hive.gateway().home_system());
  auto one = first->request(hive.gateway(), patience, question);
  auto two = second->request(hive.gateway(), patience, question);
  EXPECT_EQ(hive.counters().requests_open, 1u);  // both questions have come
  hive.script(Script::echo);
  std::vector<std::uint64_t> open;
  for (auto* answer : {&one, &two}) {
    answer->receive([&](const GatewayCounters& counters) { open.push_back(counters.requests_open); },
                    [](const caf::error&) { ADD_FAILURE() << "no answer"; });
  }
  return open;
}

TEST(TcpGatewayDrainTest, EverybodyWhoAsksForTheSameEndHearsOfIt) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n");
  client.end_stream();
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  EXPECT_THAT(ask_twice(hive, EndIntake{}), ElementsAre(0, 0));
}

TEST(TcpGatewayDrainTest, EverybodyWhoAsksForADrainHearsOfItsEnd) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n");
  client.end_stream();
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  EXPECT_THAT(ask_twice(hive, Drain{}), ElementsAre(0, 0));
}

TEST(TcpGatewayDrainTest, DoesNotWaitForEverForAClientToClose) {
  Hive hive(tcp({{"frame_bytes_max", option("16B")}, {"close_time_max", option("20ms")}}));
  SocketClient client(hive.address());
  client.send(std::string(100, 'x'));
  EXPECT_THAT(client.line(), Optional(HasSubstr("too_large")));
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
}

TEST(TcpGatewayDrainTest, EachRequestThatIsNotAnsweredInTimeIsInTheLogAtItsEnd) {
  Hive hive(tcp({{"deadline", option("20ms")}}));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  for (const auto* line : {"1\n", "2\n"}) {
    client.send(line);
    EXPECT_THAT(client.line(), Optional(HasSubstr("deadline_exceeded")));
  }
  EXPECT_EQ(hive.log().count("1 request not answered in time"), 1u) << "one line in expiry_report_interval";
  hive.script(Script::echo);
  EXPECT_EQ(hive.drain().expired, 2u);
  EXPECT_EQ(hive.log().count("1 request not answered in time"), 2u);
}

}  // namespace tcp_gateway_drain_test
}  // namespace skep
