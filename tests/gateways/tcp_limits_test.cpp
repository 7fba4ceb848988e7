// Limits of a tcp gateway: what just keeps them, and what is one over. Those of frames are in tcp_splits_test.cpp.
#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"

namespace skep {
namespace tcp_limits_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

/// So many bytes of JSON.
std::string json_of(std::size_t bytes) {
  return "\"" + std::string(bytes - 2, 'x') + "\"";
}

TEST(TcpLimitsTest, AnAnswerOfReplyBytesMaxIsTheLargest) {
  Hive hive(tcp({{"reply_bytes_max", option("1KiB")}}));
  SocketClient client(hive.address());
  client.send(json_of(1024) + "\n" + json_of(1025) + "\n");
  EXPECT_THAT(client.line(), Optional(json_of(1024)));
  EXPECT_THAT(client.line(), Optional(AllOf(HasSubstr("too_large"), HasSubstr("reply_bytes_max = 1KiB"))));
}

TEST(TcpLimitsTest, AnswersOfWriteBytesMaxMayWaitForAClient) {
  Hive hive(tcp({{"write_bytes_max", option("1KiB")}}));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n" + json_of(524) + "\n" + json_of(500) + "\n");
  eventually([&] { return hive.accepted().size() == 3; }, "three requests");
  hive.script(Script::echo);  // the last one is answered first, and waits for the others
  EXPECT_THAT(client.line(), Optional(AllOf(HasSubstr("overloaded"), HasSubstr("write_bytes_max = 1KiB"))));
  EXPECT_THAT(client.line(), Optional(json_of(524)));
  EXPECT_THAT(client.line(), Optional(json_of(500)));
}

TEST(TcpLimitsTest, SessionsMaxMayBeThereAtOnce) {
  Hive hive(tcp({{"sessions_max", option(2)}}));
  SocketClient first(hive.address()), second(hive.address());
  for (auto* client : {&first, &second}) {
    client->send("1\n");
    EXPECT_THAT(client->line(), Optional(std::string("1")));
  }
  EXPECT_THAT(SocketClient(hive.address()).line(), Optional(HasSubstr("sessions_max = 2")));
}

TEST(TcpLimitsTest, RequestsMaxOfAllClientsMayBeOpen) {
  Hive hive(tcp({{"requests_max", option(2)}}));
  hive.script(Script::keep_answers);
  SocketClient first(hive.address()), second(hive.address()), third(hive.address());
  first.send("1\n");
  second.send("2\n");
  eventually([&] { return hive.counters().requests_open == 2; }, "two requests");
  third.send("3\n");
  EXPECT_THAT(third.line(), Optional(HasSubstr("requests_max = 2")));
  hive.script(Script::echo);
  EXPECT_THAT(first.line(), Optional(std::string("1")));
  EXPECT_THAT(second.line(), Optional(std::string("2")));
}

TEST(TcpLimitsTest, AClientThatReadsALittleBeforeWriteStallMaxIsNotCutOff) {
  constexpr std::size_t step = 400'000, answer_bytes = 8'000'000;  // more than the kernel takes
  Hive hive(tcp({{"write_stall_max", option("1s")},
                 {"frame_bytes_max", option("16MiB")},
                 {"reply_bytes_max", option("16MiB")},
                 {"write_bytes_max", option("16MiB")}}));
  SocketClient client(hive.address());
  client.send(json_of(answer_bytes) + "\n");
  std::size_t read = 0;
  for (auto next = std::chrono::steady_clock::now(); read < answer_bytes; read += step) {  // 4 MB a second
    next += std::chrono::milliseconds(100);
    eventually([&] { return std::chrono::steady_clock::now() > next; }, "a pause");
    ASSERT_EQ(client.bytes(step).size(), step) << "after " << read;
  }
  EXPECT_THAT(client.line(), Optional(std::string()));
}

TEST(TcpLimitsTest, AClientHasCloseTimeMaxToReadWhyItIsClosed) {
  Hive hive(tcp({{"frame_bytes_max", option("16B")}, {"close_time_max", option("1h")}}));
  SocketClient client(hive.address());
  client.send(std::string(100, 'x'));
  eventually([&] { return hive.counters().refused == 1; }, "a refusal");
  for (int i = 0; i < 50; ++i) client.send(std::string(100'000, 'x'));  // a reset would fail this
  EXPECT_THAT(client.rest(), HasSubstr("too_large"));
  EXPECT_EQ(hive.counters().sessions_open, 1u);
  client.close();
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
}

TEST(TcpLimitsTest, AttemptsToConnectAreNoFurtherApartThanConnectDelayMax) {
  SocketServer server;
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())},
                         {"connect_delay_min", option("20ms")},
                         {"connect_delay_max", option("40ms")}});
  Hive hive(std::move(setup));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 9; ++i) server.accept().close();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3)) << "5 s if the delay doubled each time";
}

}  // namespace tcp_limits_test
}  // namespace skep
