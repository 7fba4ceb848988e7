// What all gateways of a node heed: its payload budget, and that it sheds.

#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace node_admission_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

/// Room for so many requests of one byte.
HiveSetup room_for(std::size_t requests, HiveSetup setup = tcp()) {
  setup.payload_bytes_max = requests * (limits::reply_reserve + 1);
  return setup;
}

TEST(NodeAdmissionTest, RefusesWhatIsOverThePayloadBudgetUntilSomethingIsAnswered) {
  Hive hive(room_for(2));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address()), other(hive.address());
  client.send("1\n2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  other.send("3\n");
  EXPECT_THAT(other.line(),
              Optional(AllOf(HasSubstr("overloaded"), HasSubstr("safe"), HasSubstr("payload_bytes_max"))));
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  EXPECT_THAT(client.line(), Optional(std::string("2")));
  for (int i = 0; i < 100; ++i) {
    other.send("4\n");
    EXPECT_THAT(other.line(), Optional(std::string("4"))) << "all that was taken was given back";
  }
}

TEST(NodeAdmissionTest, TheBudgetIsOneForAllGatewaysOfANode) {
  Hive hive(room_for(1));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address()), neighbour(hive.open_neighbour());
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  neighbour.send("2\n");
  EXPECT_THAT(neighbour.line(), Optional(HasSubstr("payload_bytes_max")));
}

TEST(NodeAdmissionTest, WhatExpiresIsGivenBack) {
  Hive hive(room_for(1, tcp({{"deadline", option("50ms")}})));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  for (int i = 0; i < 3; ++i) {
    client.send("1\n");
    EXPECT_THAT(client.line(), Optional(HasSubstr("deadline_exceeded")));
  }
}

TEST(NodeAdmissionTest, ASessionThatEndsGivesBackWhatItAskedFor) {
  Hive hive(room_for(1));
  hive.script(Script::keep_answers);
  {
    SocketClient gone(hive.address());
    gone.send("1\n");
    eventually([&] { return hive.accepted().size() == 1; }, "a request");
    gone.reset();
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of a client is seen");
  SocketClient client(hive.address());
  client.send("2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "another request");
}

TEST(NodeAdmissionTest, OnePayloadAboveTheWholeBudgetPassesAlone) {
  auto setup = tcp();
  setup.payload_bytes_max = 1000;
  Hive hive(std::move(setup));
  SocketClient client(hive.address());
  const auto line = "\"" + std::string(50'000, 'x') + "\"";
  for (int i = 0; i < 3; ++i) {
    client.send(line + "\n");
    EXPECT_THAT(client.line(), Optional(line));
  }
}

TEST(NodeAdmissionTest, AGatewayThatBlocksIsNotReadUntilThereIsRoomAgain) {
  Hive hive(room_for(1, tcp({{"overflow", option("block")}})));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address()), other(hive.address());
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  const std::string line = "\"" + std::string(998, 'x') + "\"\n";
  eventually([&] { return other.send_some(line) != line.size(); }, "a client that has to wait");
  EXPECT_EQ(hive.counters().requests, 1u);
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(std::string("1")));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(other.line(), Optional(line.substr(0, line.size() - 1)));
  EXPECT_EQ(hive.counters().refused, 0u);
}

TEST(NodeAdmissionTest, ARoomThatOneGatewayFreesWakesAnother) {
  Hive hive(room_for(1, tcp({{"overflow", option("block")}, {"deadline", option("200ms")}})));
  hive.script(Script::keep_answers);
  SocketClient neighbour(hive.open_neighbour()), client(hive.address());
  neighbour.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  client.send("2\n");
  EXPECT_THAT(neighbour.line(), Optional(HasSubstr("deadline_exceeded")));  // nothing else comes to `client`'s gateway
  eventually([&] { return hive.accepted().size() == 2; }, "the other gateway's request");
}

TEST(NodeAdmissionTest, ANodeThatShedsRefusesWithTheReasonUntilItTakesAgain) {
  Hive hive(tcp());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address()), other(hive.address());
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  hive.shed("memory: 90 of 100 in use");
  other.send("2\n");
  EXPECT_THAT(other.line(),
              Optional(AllOf(HasSubstr("overloaded"), HasSubstr("safe"), HasSubstr("memory: 90 of 100 in use"))));
  hive.script(Script::echo);
  EXPECT_THAT(client.line(), Optional(std::string("1"))) << "what was admitted is answered";
  hive.take_again();
  other.send("3\n");
  EXPECT_THAT(other.line(), Optional(std::string("3")));
}

TEST(NodeAdmissionTest, OneWayGatewaysReadNoMoreWhileTheNodeSheds) {
  auto setup = tcp();
  setup.answers = false;
  Hive hive(std::move(setup));
  SocketClient client(hive.address());
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a record");
  hive.shed("memory");
  const std::string line = "\"" + std::string(998, 'x') + "\"\n";
  std::size_t lines = 0;
  std::size_t part = 0;
  eventually(
      [&] {
        part = client.send_some(line);
        lines += part == line.size() ? 1 : 0;
        return part != line.size();
      },
      "a client that has to wait");
  EXPECT_EQ(hive.accepted().size(), 1u);
  EXPECT_EQ(hive.counters().refused, 0u);
  hive.take_again();
  client.send(line.substr(part));
  eventually([&] { return hive.accepted().size() == lines + 2; }, "all of them");
}

TEST(NodeAdmissionTest, RecordsThatNobodyAnswersDrawNothing) {
  auto setup = room_for(1);
  setup.answers = false;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  for (int i = 0; i < 100; ++i) client.send("1\n");
  eventually([&] { return hive.counters().requests == 100; }, "all of them");
}

}  // namespace node_admission_test
}  // namespace skep
