// Where a gateway counts what goes wrong.

#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "gateways/websocket_client.hpp"

namespace skep {
namespace gateway_counts_test {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Optional;

HiveSetup one_way(std::uint32_t window) {
  auto setup = tcp();
  setup.answers = false;
  setup.window = window;
  return setup;
}

HiveSetup websocket(std::initializer_list<std::pair<const char*, OptionValue>> more) {
  HiveSetup setup;
  setup.type = "websocket";
  setup.options = listening(more);
  return setup;
}

TEST(GatewayCountsTest, OfSeveralCertificatesTheOneThatEndsFirstCounts) {
  GatewayCounts counts, none, later, sooner;
  later.certificate_expiry = 20;
  sooner.certificate_expiry = 10;
  EXPECT_EQ((counts += none).certificate_expiry, 0u);
  EXPECT_EQ((counts += later).certificate_expiry, 20u);
  EXPECT_EQ((counts += none).certificate_expiry, 20u);
  EXPECT_EQ((counts += sooner).certificate_expiry, 10u);
  EXPECT_EQ((counts += later).certificate_expiry, 10u);
}

TEST(GatewayCountsTest, OneWayRecordsForABeeThatIsDownForGoodAreLost) {
  Hive hive(one_way(2));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n3\n4\n");
  eventually([&] { return hive.counters().requests == 4; }, "two on their way, and two that wait");
  hive.give_up_bee();
  EXPECT_EQ(hive.counters().lost, 4u);
  client.send("5\n");
  eventually([&] { return hive.counters().requests == 5; }, "one more");
  EXPECT_EQ(hive.counters().lost, 5u);
}

TEST(GatewayCountsTest, OneWayRecordsThatAnEdgeDropsCountThere) {
  auto setup = one_way(1);
  setup.overflow = Overflow::drop_newest;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n3\n4\n");
  eventually([&] { return hive.counters().requests == 4; }, "four records");
  EXPECT_EQ(hive.counters().lost, 0u);
}

TEST(GatewayCountsTest, AnswersOfAClientThatTheGatewayCutsOffAreLost) {
  Hive hive(tcp({{"framing", option("length")},
                 {"content", option("raw")},
                 {"write_bytes_max", option("64MiB")},
                 {"write_stall_max", option("100ms")}}));
  hive.answer_with([](const Record& record) { return record.with(Payload::raw(std::string(3'000'000, 'x'))); });
  SocketClient client(hive.address());
  for (int i = 0; i < 8; ++i) client.send(framed("1"));  // more than the kernel takes
  eventually([&] { return hive.counters().sessions == 1 && hive.counters().sessions_open == 0; }, "its end");
  EXPECT_TRUE(client.was_reset(patience)) << "or the kernel keeps what is not sent";
  const auto counters = hive.drain();
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.answered + counters.lost, 8u);
  EXPECT_EQ(counters.abandoned, 0u);
  EXPECT_EQ(counters.cut_off, 0u) << "that is of drains";
}

TEST(GatewayCountsTest, RequestsOfAWebSocketClientThatIsSilentForTooLongAreLost) {
  Hive hive(websocket(
      {{"ping_interval", option("20ms")}, {"idle_max", option("200ms")}, {"close_time_max", option("20ms")}}));
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  client.send_text("1");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  eventually([&] { return hive.counters().sessions_open == 0; }, "its end");
  const auto counters = hive.drain();
  EXPECT_EQ(counters.lost, 1u);
  EXPECT_EQ(counters.cut_off, 0u);
}

TEST(GatewayCountsTest, ClientsThatAreTurnedAwayCountForNobody) {
  Hive tcp_hive(tcp({{"sessions_max", option(1)}}));
  SocketClient first(tcp_hive.address());
  first.send("1\n");
  EXPECT_THAT(first.line(), Optional(std::string("1")));
  SocketClient second(tcp_hive.address());
  EXPECT_THAT(second.line(), Optional(HasSubstr("sessions_max = 1")));
  Hive websocket_hive(websocket({{"sessions_max", option(1)}}));
  WebSocketClient upgraded(websocket_hive.address());
  EXPECT_EQ(upgraded.status(), 101u);
  EXPECT_EQ(WebSocketClient(websocket_hive.address()).status(), 503u);
  for (auto* hive : {&tcp_hive, &websocket_hive}) {
    EXPECT_EQ(hive->counters().refused, 0u);
    EXPECT_EQ(hive->counters().sessions, 1u);
  }
}

}  // namespace gateway_counts_test
}  // namespace skep
