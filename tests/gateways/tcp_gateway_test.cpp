#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {
namespace tcp_gateway_test {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(TcpGatewayTest, AnswersARequest) {
  Hive hive(tcp());
  ASSERT_EQ(hive.failure(), "");
  SocketClient client(hive.address());
  client.send("{\"a\": 1}\n");
  EXPECT_THAT(client.line(), Optional(std::string("{\"a\": 1}")));
  const auto counters = hive.counters();
  EXPECT_EQ(counters.requests, 1u);
  EXPECT_EQ(counters.answered, 1u);
  EXPECT_EQ(counters.requests_open, 0u);
}

TEST(TcpGatewayTest, AnswersPipelinedRequestsInTheirOrderWhateverOrderTheyComeBackIn) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n3\n4\n");
  eventually([&] { return hive.accepted().size() == 4; }, "four requests");
  hive.script(Script::echo);  // answers the last first
  for (const auto* expected : {"1", "2", "3", "4"}) EXPECT_THAT(client.line(), Optional(std::string(expected)));
}

TEST(TcpGatewayTest, TakesFramesHoweverTheyAreCut) {
  Hive hive(tcp());
  SocketClient client(hive.address());
  for (const char c : std::string("[1]\r\n[2]\n")) client.send({&c, 1});
  client.send("[3]\n[4]\n[5");
  client.send("]\n");
  for (const auto* expected : {"[1]", "[2]", "[3]", "[4]", "[5]"}) {
    EXPECT_THAT(client.line(), Optional(std::string(expected)));
  }
}

TEST(TcpGatewayTest, RefusesMalformedJsonInItsPlaceAndGoesOn) {
  Hive hive(tcp());
  SocketClient client(hive.address());
  client.send("1\n{\"a\": \n2\n\"\xff\"\n3\n");
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  const auto malformed = client.line().value_or("");
  EXPECT_THAT(malformed, HasSubstr("bad_record"));
  EXPECT_THAT(malformed, HasSubstr("safe"));
  EXPECT_THAT(client.line(), Optional(std::string("2")));
  const auto not_utf8 = client.line().value_or("");
  EXPECT_THAT(not_utf8, HasSubstr("bad_record"));
  EXPECT_THAT(not_utf8, HasSubstr("UTF-8"));
  EXPECT_THAT(client.line(), Optional(std::string("3")));
  EXPECT_EQ(hive.counters().refused, 2u);
  EXPECT_THAT(hive.accepted(), ElementsAre("1", "2", "3"));
}

TEST(TcpGatewayTest, EndsAConnectionWhoseLineIsOverTheLimitAfterSayingSo) {
  Hive hive(tcp({{"frame_bytes_max", option("1KiB")}}));
  SocketClient client(hive.address());
  SocketClient other(hive.address());
  client.send("1\n");
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  client.send(std::string(100'000, 'x'));
  const auto error = client.line().value_or("");
  EXPECT_THAT(error, HasSubstr("too_large"));
  EXPECT_THAT(error, HasSubstr("frame_bytes_max"));
  EXPECT_THAT(error, HasSubstr("1024"));
  EXPECT_EQ(client.line(), std::nullopt);
  other.send("2\n");
  EXPECT_THAT(other.line(), Optional(std::string("2")));
}

TEST(TcpGatewayTest, AnswersAClientThatHasEndedItsStream) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2");  // the last line needs no end
  client.end_stream();
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  hive.script(Script::echo);
  EXPECT_EQ(client.rest(), "1\n2\n");
}

TEST(TcpGatewayTest, CountsAnswersForClientsThatHaveGone) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  client.reset();
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
  EXPECT_EQ(hive.counters().requests_open, 0u);
  hive.script(Script::echo);
  eventually([&] { return hive.counters().orphaned == 2; }, "two orphans");
  EXPECT_EQ(hive.drain().abandoned, 2u);
}

TEST(TcpGatewayTest, RejectsWhatIsOverASessionsRequests) {
  Hive hive(tcp({{"session_requests_max", option(2)}}));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n3\n");
  eventually([&] { return hive.counters().refused == 1; }, "a refusal");
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  EXPECT_THAT(client.line(), Optional(std::string("2")));
  const auto refusal = client.line().value_or("");
  EXPECT_THAT(refusal, HasSubstr("overloaded"));
  EXPECT_THAT(refusal, HasSubstr("session_requests_max = 2"));
  EXPECT_THAT(refusal, HasSubstr("safe"));
}

TEST(TcpGatewayTest, RejectsWhatIsOverTheGatewaysRequests) {
  Hive hive(tcp({{"requests_max", option(1)}}));
  hive.script(Script::keep_answers);
  SocketClient first(hive.address());
  first.send("1\n");
  eventually([&] { return hive.counters().requests_open == 1; }, "a request");
  SocketClient second(hive.address());
  second.send("2\n");
  EXPECT_THAT(second.line(), Optional(HasSubstr("requests_max = 1")));
}

TEST(TcpGatewayTest, RejectsWhileTheSwarmGivesNoCredit) {
  auto setup = tcp();
  setup.window = 1;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n");  // one is sent, one waits for credit
  eventually([&] { return hive.counters().requests == 2; }, "two requests");
  SocketClient other(hive.address());
  other.send("3\n");
  EXPECT_THAT(other.line(), Optional(HasSubstr("overloaded")));
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  EXPECT_THAT(client.line(), Optional(std::string("2")));
  eventually([&] { return other.send("4\n"), other.line() == "4"; }, "credit again");
}

TEST(TcpGatewayTest, BlocksInsteadWhereAskedTo) {
  auto setup = tcp({{"overflow", option("block")}});
  setup.window = 1;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  const std::string line = "\"" + std::string(998, 'x') + "\"\n";
  // The gateway reads on into 64 KiB, then the kernel's buffers fill, then the client has to wait.
  eventually([&] { return client.send_some(line) != line.size(); }, "a client that has to wait");
  EXPECT_LE(hive.counters().requests * line.size(), 2 * limits::session_read_ahead_bytes);
  EXPECT_EQ(hive.counters().refused, 0u);
  SocketClient gone(hive.address());
  gone.send("1\n");
  gone.reset();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the end of a client is seen");
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(line.substr(0, line.size() - 1)));
}

TEST(TcpGatewayTest, AnswersWithAnErrorPastTheDeadline) {
  Hive hive(tcp({{"deadline", option("50ms")}}));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n");
  const auto late = client.line().value_or("");
  EXPECT_THAT(late, HasSubstr("deadline_exceeded"));
  EXPECT_THAT(late, HasSubstr("unknown"));
  hive.script(Script::echo);
  eventually([&] { return hive.counters().orphaned == 1; }, "a late answer");
  EXPECT_EQ(hive.drain().expired, 1u);
}

TEST(TcpGatewayTest, CutsOffAClientThatNeverReadsAndServesTheOthers) {
  Hive hive(tcp({{"write_bytes_max", option("256KiB")}, {"write_stall_max", option("300ms")}}));
  SocketClient deaf(hive.address());
  const std::string line = "\"" + std::string(60'000, 'x') + "\"\n";
  SocketClient other(hive.address());
  bool cut_off = false;
  eventually(
      [&] {
        if (hive.log().contain("write_stall_max")) cut_off = true;
        (void)deaf.send_some(line);
        other.send("1\n");
        EXPECT_THAT(other.line(), Optional(std::string("1")));
        return cut_off;
      },
      "the end of the deaf client");
  EXPECT_EQ(hive.counters().sessions_open, 1u);
}

TEST(TcpGatewayTest, TurnsAwayAnAnswerThatIsTooLarge) {
  Hive hive(tcp({{"reply_bytes_max", option("1KiB")}}));
  SocketClient client(hive.address());
  client.send("\"" + std::string(2000, 'x') + "\"\n1\n");
  EXPECT_THAT(client.line(), Optional(HasSubstr("reply_bytes_max = 1KiB")));
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  EXPECT_TRUE(hive.log().contain("an answer cannot be sent, and its client gets an error: the answer has 2002 bytes"));
}

TEST(TcpGatewayTest, PassesErrorsOfTheSwarmOn) {
  Hive hive(tcp());
  hive.answer_with([](const Record& record) { return record.failure(errc::rejected, "expected 64 pixels"); });
  SocketClient client(hive.address());
  client.send("1\n");
  const auto error = client.line().value_or("");
  EXPECT_THAT(error, HasSubstr("rejected"));
  EXPECT_THAT(error, HasSubstr("expected 64 pixels"));
  EXPECT_EQ(hive.counters().failed, 1u);
}

TEST(TcpGatewayTest, ShowsTensorsToJsonClients) {
  Hive hive(tcp());
  hive.answer_with([](const Record& record) {
    const std::vector<std::int64_t> shape{2, 2};
    const std::vector<float> values{1, 2.5, -3, 0.1f};
    return record.with(tensor_payload<float>(shape, values));
  });
  SocketClient client(hive.address());
  client.send("1\n");
  EXPECT_THAT(client.line(), Optional(std::string("{\"dtype\":\"f32\",\"shape\":[2,2],\"data\":[[1,2.5],[-3,0.1]]}")));
}

TEST(TcpGatewayTest, CarriesRawBytesInLinesAndInFrames) {
  Hive lines(tcp({{"content", option("raw")}}));
  SocketClient line_client(lines.address());
  line_client.send("\xff\xfe\n");
  EXPECT_THAT(line_client.line(), Optional(std::string("\xff\xfe")));
  Hive frames(tcp({{"content", option("raw")}, {"framing", option("length")}}));
  SocketClient frame_client(frames.address());
  frame_client.send(framed("a\nb") + framed(""));
  EXPECT_EQ(unframed(frame_client), "a\nb");
  EXPECT_EQ(unframed(frame_client), "");
}

TEST(TcpGatewayTest, SaysSoWhenAnAnswerDoesNotFitALine) {
  Hive hive(tcp({{"content", option("raw")}}));
  hive.answer_with([](const Record& record) { return record.with(Payload::raw("two\nlines")); });
  SocketClient client(hive.address());
  client.send("x\ny\n");
  for (int i = 0; i < 2; ++i) EXPECT_THAT(client.line(), Optional(HasSubstr("bee_failed")));
  EXPECT_EQ(hive.counters().failed, 2u);
  EXPECT_EQ(hive.counters().answered, 0u);
  EXPECT_EQ(hive.log().count("an answer cannot be sent, and its client gets an error: it has a line end in it"), 1u);
}

TEST(TcpGatewayTest, ChecksTensorsBeforeTheyAreAdmitted) {
  Hive hive(tcp({{"content", option("tensor")}, {"framing", option("length")}}));
  SocketClient client(hive.address());
  const std::vector<std::int64_t> shape{3};
  const std::vector<float> values{1, 2, 3};
  const auto tensor = tensor_payload<float>(shape, values);
  const std::string bytes(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  client.send(framed(bytes) + framed(bytes.substr(0, bytes.size() - 8)));
  EXPECT_EQ(unframed(client), bytes);
  EXPECT_THAT(unframed(client), HasSubstr("bad_record"));
}

TEST(TcpGatewayTest, TakesKeyAndTimeFromTheRecord) {
  Hive hive(tcp({{"key", option("$.user")}, {"event_time", option("$.ts")}}));
  hive.answer_with([](const Record& record) {
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(record.header().event_time.time_since_epoch());
    return record.with(Payload::json("\"" + std::string(record.key()) + " " + std::to_string(time.count()) + "\""));
  });
  SocketClient client(hive.address());
  client.send("{\"user\":\"ann\",\"ts\":1700000000123}\n{\"user\":7,\"ts\":1}\n{\"ts\":1}\n");
  EXPECT_THAT(client.line(), Optional(std::string("\"ann 1700000000123\"")));
  EXPECT_THAT(client.line(), Optional(std::string("\"7 1\"")));
  EXPECT_THAT(client.line(), Optional(HasSubstr("$.user")));
}

TEST(TcpGatewayTest, GivesEachRecordItsOwnIdAndOneKeyPerSession) {
  Hive hive(tcp());
  hive.answer_with([](const Record& record) {
    return record.with(
        Payload::json("[" + std::to_string(record.id().low) + ",\"" + std::string(record.key()) + "\"]"));
  });
  SocketClient client(hive.address());
  client.send("1\n2\n");
  EXPECT_THAT(client.line(), Optional(std::string("[1,\"25-1\"]")));
  EXPECT_THAT(client.line(), Optional(std::string("[2,\"25-1\"]")));
}

TEST(TcpGatewayTest, SharesNoSessionKeyWithAnotherGatewayNorWithItselfAfterARestart) {
  std::vector<std::string> keys;
  for (const std::uint64_t incarnation : {77u, 78u}) {
    auto setup = tcp();
    setup.incarnation = incarnation;
    Hive hive(std::move(setup));
    hive.answer_with(
        [](const Record& record) { return record.with(Payload::json("\"" + std::string(record.key()) + "\"")); });
    for (int i = 0; i < 2; ++i) {
      SocketClient client(hive.address());
      client.send("1\n");
      keys.push_back(client.line().value_or(""));
    }
  }
  EXPECT_THAT(keys, ::testing::ElementsAre("\"25-1\"", "\"25-2\"", "\"26-1\"", "\"26-2\""));
}

TEST(TcpGatewayTest, EndsAFrameThatComesByteByByteForTooLong) {
  Hive hive(tcp({{"frame_time_max", option("50ms")}, {"idle_max", option("60s")}}));
  SocketClient client(hive.address());
  client.send("1\n[");
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  eventually(
      [&] {
        client.send_some(" ");
        return hive.counters().refused == 1;
      },
      "a refusal");
  EXPECT_THAT(client.line(), Optional(HasSubstr("frame_time_max = 50ms")));
  EXPECT_EQ(client.line(), std::nullopt);
}

TEST(TcpGatewayTest, TakesEachFrameItsOwnTime) {
  Hive hive(tcp({{"frame_time_max", option("1s")}}));
  SocketClient client(hive.address());
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1300);
  client.send("1");
  while (std::chrono::steady_clock::now() < until) {  // there is a part of some frame all the time
    client.send("\n1");
    ASSERT_THAT(client.line(), Optional(std::string("1")));
  }
  EXPECT_EQ(hive.counters().refused, 0u);
}

TEST(TcpGatewayTest, TurnsAwayConnectionsOverTheLimit) {
  Hive hive(tcp({{"sessions_max", option(1)}}));
  SocketClient first(hive.address());
  first.send("1\n");
  EXPECT_THAT(first.line(), Optional(std::string("1")));
  SocketClient second(hive.address());
  EXPECT_THAT(second.line(), Optional(HasSubstr("sessions_max = 1")));
  EXPECT_EQ(second.line(), std::nullopt);
  first.send("2\n");
  EXPECT_THAT(first.line(), Optional(std::string("2")));
}

TEST(TcpGatewayTest, ConnectionsThatWereTurnedAwayTakeNobodysPlace) {
  Hive hive(tcp({{"sessions_max", option(1)}, {"close_time_max", option("60s")}}));
  std::vector<SocketClient> turned_away;
  {
    SocketClient first(hive.address());
    first.send("1\n");
    EXPECT_THAT(first.line(), Optional(std::string("1")));
    for (int i = 0; i < 3; ++i) {
      EXPECT_THAT(turned_away.emplace_back(hive.address()).line(), Optional(HasSubstr("sessions_max = 1")));
    }
    EXPECT_EQ(hive.counters().sessions_open, 1u);
    EXPECT_EQ(hive.counters().sessions, 1u);
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of the first");
  SocketClient next(hive.address());
  next.send("2\n");
  EXPECT_THAT(next.line(), Optional(std::string("2")));
}

TEST(TcpGatewayTest, ClosesIdleConnections) {
  Hive hive(tcp({{"idle_max", option("30ms")}}));
  SocketClient client(hive.address());
  EXPECT_EQ(client.line(), std::nullopt);
}

TEST(TcpGatewayTest, TheTimeOfAnIdleConnectionBeginsWithItsLastAnswer) {
  constexpr std::chrono::milliseconds idle_max(300);
  Hive hive(tcp({{"idle_max", option("300ms")}}));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n");
  const auto later = std::chrono::steady_clock::now() + idle_max + idle_max / 3;
  eventually([&] { return std::chrono::steady_clock::now() > later; }, "a while in which an answer is owed");
  const auto answered = std::chrono::steady_clock::now();
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  EXPECT_EQ(client.line(), std::nullopt);
  EXPECT_GE(std::chrono::steady_clock::now() - answered, idle_max);
}

TEST(TcpGatewayTest, SaysInTheLogHowManyRequestsWereNotAnsweredInTime) {
  Hive hive(tcp({{"deadline", option("20ms")}}));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  EXPECT_THAT(client.line(), Optional(HasSubstr("deadline_exceeded")));
  EXPECT_THAT(client.line(), Optional(HasSubstr("deadline_exceeded")));
  EXPECT_TRUE(hive.log().contain("warning: in: 2 requests not answered in time: deadline = 20ms"));
  client.send("3\n");
  EXPECT_THAT(client.line(), Optional(HasSubstr("deadline_exceeded")));
  EXPECT_EQ(hive.log().count("not answered in time"), 1u) << "the next line comes after expiry_report_interval";
}

TEST(TcpGatewayTest, SaysWhichPortIsInUse) {
  Hive first(tcp());
  HiveSetup setup;
  setup.options = table({{"listen", option(first.address())}});
  Hive second(std::move(setup));
  EXPECT_EQ(second.failure(), "cannot listen on " + first.address() + ": Address already in use");
}

TEST(TcpGatewayTest, TakesOneWayRecordsWithoutAnswering) {
  auto setup = tcp();
  setup.answers = false;
  Hive hive(std::move(setup));
  SocketClient client(hive.address());
  client.send("1\nnope\n2\n");
  EXPECT_THAT(client.line(), Optional(HasSubstr("bad_record")));  // only mistakes are told
  eventually([&] { return hive.accepted() == Texts{"1", "2"}; }, "two records");
}

TEST(TcpGatewayTest, BlocksOneWaySendersAndLosesNothing) {
  auto setup = tcp();
  setup.answers = false;
  setup.window = 4;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  std::string lines;
  Texts expected;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(std::to_string(i));
    lines += expected.back() + "\n";
  }
  client.send(lines);
  client.end_stream();
  eventually([&] { return hive.counters().requests > 0; }, "a first record");
  hive.script(Script::echo);
  eventually([&] { return hive.accepted().size() == expected.size(); }, "all records");
  EXPECT_EQ(hive.accepted(), expected);
}

TEST(TcpGatewayTest, ServesManyClientsAtOnce) {
  auto setup = tcp();
  setup.window = 4096;
  Hive hive(std::move(setup));
  std::vector<SocketClient> clients;
  constexpr int count = 100;
  constexpr int rounds = 20;
  for (int i = 0; i < count; ++i) clients.emplace_back(hive.address());
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < count; ++i) clients[i].send(std::to_string(round * count + i) + "\n");
  }
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < count; ++i) {
      EXPECT_THAT(clients[i].line(), Optional(std::to_string(round * count + i)));
    }
  }
  EXPECT_EQ(hive.counters().answered, static_cast<std::uint64_t>(count * rounds));
}

}  // namespace tcp_gateway_test
}  // namespace skep
