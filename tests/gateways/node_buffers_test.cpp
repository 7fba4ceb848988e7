// Unfinished frames and unread answers draw on the budget of their node.

#include <gmock/gmock.h>

#include <boost/asio/post.hpp>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "gateways/websocket_client.hpp"
#include "net/loop.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace node_buffers_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr std::size_t budget = 1u << 20;
constexpr std::size_t reads = 50;
constexpr std::size_t part_bytes = 400'000;  // of which the budget's share for buffers holds one

HiveSetup with_budget(HiveSetup setup = tcp()) {
  setup.payload_bytes_max = budget;
  return setup;
}

HiveSetup websocket(OptionValue overflow = option("reject")) {
  HiveSetup setup;
  setup.type = "websocket";
  setup.options = with(table({{"listen", option("127.0.0.1:0")}}), "overflow", std::move(overflow));
  return with_budget(std::move(setup));
}

/// Has the gateway read all that stands in its sockets: it reads 64 KiB of each in every turn.
void let_it_read(SocketClient& other) {
  for (std::size_t i = 0; i < reads; ++i) {
    other.send("0\n");
    EXPECT_THAT(other.line(), Optional(std::string("0")));
  }
}

const auto no_room = AllOf(HasSubstr("overloaded"), HasSubstr("safe"), HasSubstr("payload_bytes_max = 1MiB"));

/// Those of the node that are of no session here.
void resize_other_buffers(IoThreads& io, std::size_t own, std::size_t wanted) {
  boost::asio::post(io.loop(0).context(), [&io, own, wanted] { io.loop(0).admission().resize_buffers(own, wanted); });
}

TEST(NodeBuffersTest, RecordsThatWaitForRoomGoOutOnceOthersGiveItBack) {
  constexpr std::size_t records = 8, more_than_the_kernel_takes = 3'000'000;
  auto setup = websocket();
  for (const auto& [key, value] :
       {std::pair("write_bytes_max", "64MiB"), std::pair("write_stall_max", "1h"), std::pair("upgrade_time_max", "1h"),
        std::pair("ping_interval", "10m"), std::pair("idle_max", "20m")}) {
    setup.options = with(std::move(setup.options), key, option(value));
  }
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  resize_other_buffers(hive.io(), 0, budget);
  WebSocketClient listener(hive.address());
  hive.send_out(Texts(records, std::string(more_than_the_kernel_takes, '1')));
  eventually([&] { return hive.taken() > 0; }, "the first");
  EXPECT_LT(hive.taken(), records);
  resize_other_buffers(hive.io(), budget, 0);
  eventually([&] { return hive.taken() == records; }, "room for all");
}

TEST(NodeBuffersTest, AFrameThatFindsNoRoomIsRefusedInItsPlaceAndItsSessionGoesOn) {
  Hive hive(with_budget());
  SocketClient first(hive.address()), second(hive.address()), other(hive.address());
  const std::string part = "\"" + std::string(part_bytes, 'x');
  first.send(part);
  let_it_read(other);
  second.send("1\n" + part);
  EXPECT_THAT(second.line(), Optional(std::string("1")));
  eventually(
      [&] {
        second.send_some(std::string(100'000, 'x'));
        return hive.counters().refused > 0;
      },
      "a refusal");
  EXPECT_THAT(second.line(), Optional(no_room));
  other.send("2\n");
  EXPECT_THAT(other.line(), Optional(std::string("2"))) << "half of the budget is for others";
  second.send("\"\n3\n");
  EXPECT_THAT(second.line(), Optional(std::string("3")));
  first.send("\"\n");
  EXPECT_THAT(first.line(), Optional(HasSubstr("xx"))) << "what has its place keeps it";
  EXPECT_EQ(hive.counters().refused, 1u);
}

TEST(NodeBuffersTest, WhatASessionHeldIsGivenBackWhenItEnds) {
  Hive hive(with_budget());
  const std::string part = "\"" + std::string(part_bytes, 'x');
  for (int i = 0; i < 5; ++i) {
    SocketClient client(hive.address());
    client.send(part);
    client.reset();
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of all");
  SocketClient client(hive.address());
  client.send(part + "\"\n");
  EXPECT_EQ(client.line().value_or("").size(), part_bytes + 2);
}

TEST(NodeBuffersTest, WhereAGatewayBlocksFramesWaitForRoom) {
  Hive hive(with_budget(tcp({{"overflow", option("block")}})));
  const std::string part = "\"" + std::string(part_bytes, 'x');
  SocketClient other(hive.address()), alone(hive.address()), exempt(hive.address()), starved(hive.address());
  for (auto* client : {&alone, &exempt}) {
    client->send(part);
    let_it_read(other);
  }
  const auto before = hive.counters().requests;
  starved.send(part + "\"\n");
  let_it_read(other);
  EXPECT_EQ(hive.counters().requests - before, reads) << "of the other one alone";
  for (auto* client : {&exempt, &alone}) client->send("\"\n");
  for (auto* client : {&exempt, &alone, &starved}) {
    EXPECT_EQ(client->line().value_or("").size(), part_bytes + 2);
  }
  EXPECT_EQ(hive.counters().refused, 0u);
}

TEST(NodeBuffersTest, AFrameWaitsForRoomNoLongerThanFrameTimeMax) {
  Hive hive(with_budget(tcp({{"overflow", option("block")}, {"frame_time_max", option("2s")}})));
  const std::string part = "\"" + std::string(part_bytes, 'x');
  SocketClient other(hive.address()), alone(hive.address()), exempt(hive.address()), starved(hive.address());
  starved.send("\"");  // it is late before the others are
  let_it_read(other);
  alone.send(part);
  let_it_read(other);
  exempt.send(part);
  let_it_read(other);
  starved.send(part);
  EXPECT_THAT(starved.line(), Optional(AllOf(no_room, HasSubstr("frame_time_max = 2s"))));
}

TEST(NodeBuffersTest, AnAnswerLargerThanItsRequestDrawsOnTheBudgetOrBecomesAnError) {
  Hive hive(with_budget());
  hive.answer_with(
      [](const Record& record) { return record.with(Payload::json("\"" + std::string(part_bytes, 'y') + "\"")); });
  hive.script(Script::keep_answers);
  SocketClient first(hive.address()), second(hive.address());
  first.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  second.send("2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  hive.script(Script::echo);  // both answers in one message, the last first
  EXPECT_EQ(second.line().value_or("").size(), part_bytes + 2);
  const auto error = first.line().value_or("");
  EXPECT_THAT(error, AllOf(HasSubstr("overloaded"), HasSubstr("unknown"), HasSubstr("payload_bytes_max = 1MiB")));
  first.send("3\n");
  EXPECT_EQ(first.line().value_or("").size(), part_bytes + 2) << "what was written is given back";
}

TEST(NodeBuffersTest, AnswersNoLargerThanTheirRequestsNeedNoMoreRoom) {
  Hive hive(with_budget());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address()), other(hive.address()), one(hive.address()), two(hive.address());
  for (auto* holds : {&one, &two}) holds->send("\"" + std::string(part_bytes / 2, 'x'));
  const auto line = "\"" + std::string(30'000, 'x') + "\"";
  constexpr std::size_t count = 4;  // more than the two have left
  for (std::size_t i = 0; i < count; ++i) {
    client.send(line + "\n");
    eventually([&] { return hive.accepted().size() == i + 1; }, "a request");
  }
  hive.script(Script::echo);
  for (std::size_t i = 0; i < count; ++i) EXPECT_THAT(client.line(), Optional(line));
}

/// They are in their session's output by then, and still have what their requests drew.
TEST(NodeBuffersTest, AnswersBeforeALargerOneNeedNoMoreRoom) {
  Hive hive(with_budget());
  const auto large = "\"" + std::string(5000, 'y') + "\"";
  hive.answer_with(
      [&](const Record& record) { return record.size() > 1 ? record : record.with(Payload::json(large)); });
  resize_other_buffers(hive.io(), 0, budget / 2 - 2000);  // what that leaves of their half
  SocketClient client(hive.address());
  const auto line = "\"" + std::string(9000, 'x') + "\"";
  client.send(line + "\n" + line + "\n" + line + "\n1\n");
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client.line(), Optional(line));
  EXPECT_THAT(client.line(), Optional(large));
}

TEST(NodeBuffersTest, AWebSocketMessageThatFindsNoRoomIsRefusedAndItsSessionGoesOn) {
  Hive hive(websocket());
  WebSocketClient first(hive.address()), second(hive.address());
  const auto part = WebSocketClient::frame(Opcode::text, "\"" + std::string(part_bytes, 'x'), false);
  first.send_text("1");
  EXPECT_EQ(first.text(), "1");
  first.socket().send(part + WebSocketClient::frame(Opcode::ping, "here"));
  EXPECT_EQ(first.receive().opcode, Opcode::pong);
  second.socket().send(part);
  EXPECT_THAT(second.text(), no_room);
  second.socket().send(WebSocketClient::frame(Opcode::continuation, std::string(part_bytes, 'x')));
  second.send_text("2");
  EXPECT_EQ(second.text(), "2");
  second.socket().send(part);
  EXPECT_THAT(second.text(), no_room);
  const std::string too_much(limits::websocket_message_bytes_max, 'x');
  second.socket().send(WebSocketClient::frame(Opcode::continuation, too_much).substr(0, 14));
  EXPECT_EQ(second.receive().code, 1009u);
  EXPECT_EQ(hive.counters().refused, 2u) << "each message once";
  first.send(Opcode::continuation, "\"");
  EXPECT_EQ(first.text().size(), part_bytes + 2);
}

TEST(NodeBuffersTest, AWebSocketMessageWaitsForRoomWhereItsGatewayBlocks) {
  Hive hive(websocket(option("block")));
  WebSocketClient alone(hive.address()), exempt(hive.address()), starved(hive.address());
  const auto part = WebSocketClient::frame(Opcode::text, "\"" + std::string(part_bytes, 'x'), false);
  for (auto* client : {&alone, &exempt}) {
    client->socket().send(part + WebSocketClient::frame(Opcode::ping, "here"));
    EXPECT_EQ(client->receive().opcode, Opcode::pong);
  }
  starved.socket().send(part + WebSocketClient::frame(Opcode::continuation, "\""));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(hive.counters().requests, 0u);
  for (auto* client : {&alone, &exempt}) {
    client->send(Opcode::continuation, "\"");
    EXPECT_EQ(client->text().size(), part_bytes + 2);
  }
  EXPECT_EQ(starved.text().size(), part_bytes + 2);
  EXPECT_EQ(hive.counters().refused, 0u);
}

/// What it has sent and nobody read must not keep the Close of a client from being heard.
TEST(NodeBuffersTest, AWebSocketClientThatIsClosedForWantOfRoomIsReadOnUntilItCloses) {
  auto setup = websocket(option("block"));
  for (const auto& [key, value] : {std::pair("frame_time_max", "1s"), std::pair("close_time_max", "1h")}) {
    setup.options = with(std::move(setup.options), key, option(value));
  }
  Hive hive(std::move(setup));
  WebSocketClient alone(hive.address()), exempt(hive.address()), starved(hive.address());
  const auto here = WebSocketClient::frame(Opcode::ping, "here");
  const auto part = WebSocketClient::frame(Opcode::text, "\"" + std::string(part_bytes, 'x'), false);
  starved.socket().send(WebSocketClient::frame(Opcode::text, "\"", false) + here);  // it is late before the others are
  EXPECT_EQ(starved.receive().opcode, Opcode::pong);
  for (auto* client : {&alone, &exempt}) {
    client->socket().send(part + here);
    EXPECT_EQ(client->receive().opcode, Opcode::pong);
  }
  starved.socket().send(WebSocketClient::frame(Opcode::continuation, std::string(part_bytes, 'x'), false) + here);
  const auto close = starved.receive();
  EXPECT_EQ(close.code, 1013u) << "and no pong: its message has no room";
  EXPECT_EQ(close.bytes, "no room for this message (payload_bytes_max) in frame_time_max = 1s");
  starved.send(Opcode::close, std::string("\x03\xF5", 2));
  EXPECT_EQ(starved.socket().rest(), "") << "its Close was read, and the gateway has ended its side";
  starved.socket().close();
  eventually([&] { return hive.counters().sessions_open < 3; }, "its end, long before close_time_max");
}

}  // namespace node_buffers_test
}  // namespace skep
