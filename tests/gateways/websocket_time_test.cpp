// How long a WebSocket client may take for what, and what becomes of what it sent.

#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/websocket_client.hpp"
#include "gateways/websocket_setup.hpp"

namespace skep {
namespace websocket_time_test {

using namespace testing;
using ::testing::HasSubstr;

/// Blocks, and takes nothing yet. A client of it that has sent so much is not read any further.
HiveSetup holding_up(std::initializer_list<std::pair<const char*, OptionValue>> more) {
  auto setup = websocket({{"overflow", option("block")}});
  for (const auto& [key, value] : more) setup.options = with(std::move(setup.options), key, value);
  setup.window = 1;
  return setup;
}

TEST(WebSocketTimeTest, WhatWasReadBeforeACloseIsTakenHoweverLongTheSwarmNeeds) {
  auto setup = holding_up({{"close_time_max", option("30ms")}});
  setup.answers = false;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  WebSocketClient client(hive.address());
  constexpr std::size_t count = 1000;  // more than the gateway hands on in one turn
  for (std::size_t i = 0; i < count; ++i) client.send_text(std::to_string(i));
  client.send(Opcode::close, std::string("\x03\xe8", 2));
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
  eventually([&] { return std::chrono::steady_clock::now() > later; }, "more than close_time_max");
  EXPECT_EQ(hive.counters().sessions_open, 1u);
  hive.script(Script::echo);
  EXPECT_EQ(client.text(), "close 1000");
  eventually([&] { return hive.accepted().size() == count; }, "all of it");
}

TEST(WebSocketTimeTest, WhatWasReadBeforeAMistakeIsAnsweredBeforeTheClose) {
  Hive hive(holding_up({{"session_requests_max", option(1)}, {"message_bytes_max", option("1KiB")}}));
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  for (const auto* text : {"1", "2", "3"}) client.send_text(text);
  client.socket().send(WebSocketClient::frame(Opcode::text, std::string(2000, '1')).substr(0, 8));
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  hive.script(Script::echo);
  for (const auto* text : {"1", "2", "3"}) EXPECT_EQ(client.text(), text);
  EXPECT_EQ(client.receive().code, 1009u);
}

TEST(WebSocketTimeTest, WhatWasReadBeforeALateMessageIsRefusedWithTheReason) {
  Hive hive(holding_up({{"session_requests_max", option(1)}, {"frame_time_max", option("50ms")}}));
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  client.send_text("1");
  client.send_text("2");
  client.socket().send(WebSocketClient::frame(Opcode::text, "3").substr(0, 4));
  eventually([&] { return hive.counters().refused == 2; }, "the end of its time: what waited, and what came late");
  hive.script(Script::echo);
  EXPECT_EQ(client.text(), "1");
  EXPECT_THAT(client.text(), HasSubstr("the session ends: frame_time_max = 50ms"));
  EXPECT_EQ(client.receive().code, 1008u);
}

TEST(WebSocketTimeTest, PingsBeforeIdleMaxWhateverThePingInterval) {
  Hive hive(websocket({{"idle_max", option("100ms")}}));
  WebSocketClient client(hive.address());
  EXPECT_EQ(client.receive().opcode, Opcode::ping);
}

TEST(WebSocketTimeTest, PingsASilentClientAndCutsOffADeadOne) {
  Hive hive(websocket(
      {{"ping_interval", option("20ms")}, {"idle_max", option("200ms")}, {"close_time_max", option("20ms")}}));
  WebSocketClient client(hive.address());
  const auto ping = client.receive();
  EXPECT_EQ(ping.opcode, Opcode::ping);
  client.send(Opcode::pong, ping.bytes);
  auto message = client.receive();
  while (message.opcode == Opcode::ping) message = client.receive();  // answers none of these
  EXPECT_EQ(message.code, 1008u);
  EXPECT_EQ(message.bytes, "nothing heard: idle_max = 200ms");
  eventually([&] { return hive.counters().sessions_open == 0; }, "its end, for it does not answer that either");
}

TEST(WebSocketTimeTest, ASilentClientIsPingedNoMoreOftenThoughTheGatewayLooksAfterOthers) {
  Hive hive(websocket({{"ping_interval", option("100ms")},
                       {"idle_max", option("350ms")},
                       {"deadline", option("1ms")},
                       {"close_time_max", option("20ms")}}));
  hive.script(Script::keep_answers);
  WebSocketClient silent(hive.address());
  WebSocketClient other(hive.address());
  std::uint64_t expired = 0;
  while (hive.counters().sessions_open == 2 && !HasFailure()) {  // each deadline has it look after all
    other.send_text("1");
    EXPECT_THAT(other.text(), HasSubstr("deadline_exceeded"));
    ++expired;
  }
  EXPECT_GT(expired, 10u);
  std::size_t pings = 0;
  auto message = silent.receive();
  for (; message.opcode == Opcode::ping; message = silent.receive()) ++pings;
  EXPECT_EQ(message.code, 1008u);
  EXPECT_LE(pings, 3u);
}

TEST(WebSocketTimeTest, EndsAMessageThatComesByteByByteForTooLong) {
  Hive hive(websocket({{"frame_time_max", option("50ms")}, {"idle_max", option("60s")}}));
  WebSocketClient client(hive.address());
  client.socket().send(WebSocketClient::frame(Opcode::binary, std::string(1'000'000, 'x')).substr(0, 20));
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  while (std::chrono::steady_clock::now() < until) static_cast<void>(client.socket().send_some("x"));
  const auto end = client.receive();
  EXPECT_EQ(end.code, 1008u);
  EXPECT_EQ(end.bytes, "frame_time_max = 50ms");
}

TEST(WebSocketTimeTest, PingsWithinAMessageGiveItNoMoreTime) {
  Hive hive(websocket(
      {{"frame_time_max", option("100ms")}, {"idle_max", option("60s")}, {"control_frames_rate", option(0)}}));
  WebSocketClient client(hive.address());
  client.socket().send(WebSocketClient::frame(Opcode::text, "[1", false));
  WebSocketClient::Message message;
  for (std::size_t pings = 0; pings < 100'000 && message.code == 0; ++pings) {
    client.send(Opcode::ping, "x");
    message = client.receive();
  }
  EXPECT_EQ(message.code, 1008u);
  EXPECT_EQ(message.bytes, "frame_time_max = 100ms");
}

TEST(WebSocketTimeTest, ADrainReachesAClientThatIsNotRead) {
  Hive hive(holding_up({{"close_time_max", option("20s")}}));
  hive.script(Script::accept_nothing);
  WebSocketClient client(hive.address());
  const auto frame = WebSocketClient::frame(Opcode::text, "\"" + std::string(60'000, 'x') + "\"");
  std::string unsent;
  for (std::size_t stuck = 0; stuck < 1000;) {  // until the gateway reads no more
    if (unsent.empty()) unsent = frame;
    const auto taken = client.socket().send_some(unsent);
    unsent.erase(0, taken);
    stuck = taken == 0 ? stuck + 1 : 0;
  }
  hive.start_drain();
  hive.script(Script::echo);
  auto message = client.receive();
  while (message.opcode != Opcode::close) message = client.receive();
  EXPECT_EQ(message.code, 1001u);
  client.socket().send(unsent);
  client.send(Opcode::close, std::string("\x03\xe9", 2));
  client.socket().close();
  EXPECT_EQ(hive.drain().cut_off, 0u);
}

TEST(WebSocketTimeTest, EndsAFrameWhoseHeaderOrControlMessageIsNeverWhole) {
  Hive hive(websocket({{"frame_time_max", option("50ms")},
                       {"idle_max", option("1h")},
                       {"ping_interval", option("1h")},
                       {"upgrade_time_max", option("1h")},
                       {"write_stall_max", option("1h")}}));  // nothing else wakes the gateway
  const auto text = WebSocketClient::frame(Opcode::text, std::string(1000, 'x'));
  const auto ping = WebSocketClient::frame(Opcode::ping, "are you there?");
  for (const auto& part : {text.substr(0, 1), text.substr(0, 3), ping.substr(0, 8)}) {
    WebSocketClient client(hive.address());
    client.send_text("1");
    EXPECT_EQ(client.text(), "1");
    client.socket().send(part);
    const auto end = client.receive();
    EXPECT_EQ(end.code, 1008u);
    EXPECT_EQ(end.bytes, "frame_time_max = 50ms");
  }
}

TEST(WebSocketTimeTest, ACloseThatIsNeverWholeEndsTheSession) {
  Hive hive(websocket({{"frame_time_max", option("50ms")}, {"close_time_max", option("20ms")}}));
  for (const auto* part : {"\x88", "\x88\x82"}) {
    WebSocketClient client(hive.address());
    client.send_text("1");
    EXPECT_EQ(client.text(), "1");
    client.socket().send(part);
    EXPECT_EQ(client.receive().code, 1008u);
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of both");
}

TEST(WebSocketTimeTest, AClientThatLeavesIsNoticedWhileNothingIsRead) {
  Hive hive(holding_up({}));
  hive.script(Script::accept_nothing);
  WebSocketClient client(hive.address());
  const auto frame = WebSocketClient::frame(Opcode::text, "\"" + std::string(60'000, 'x') + "\"");
  std::string unsent;
  for (std::size_t sent = 0, stuck = 0; sent < (64u << 20) && stuck < 1000;) {  // until the gateway reads no more
    if (unsent.empty()) unsent = frame;
    const auto taken = client.socket().send_some(unsent);
    unsent.erase(0, taken);
    sent += taken;
    stuck = taken == 0 ? stuck + 1 : 0;
  }
  client.socket().reset();
  eventually([&] { return hive.counters().sessions_open == 0; }, "its end is noticed");
}

TEST(WebSocketTimeTest, AClientThatReadsSlowlyIsNotCutOff) {
  Hive hive(websocket({{"write_stall_max", option("1s")},
                       {"message_bytes_max", option("16MiB")},
                       {"reply_bytes_max", option("16MiB")},
                       {"write_bytes_max", option("16MiB")}}));
  WebSocketClient client(hive.address());
  const std::string large = "\"" + std::string(12'000'000, 'x') + "\"";
  client.send_text(large);
  ASSERT_EQ(client.socket().bytes(10).size(), 10u);
  std::size_t read = 0;
  for (auto next = std::chrono::steady_clock::now(); read < large.size(); read += 400'000) {  // 4 MB a second
    next += std::chrono::milliseconds(100);
    eventually([&] { return std::chrono::steady_clock::now() > next; }, "a pause");
    const auto wanted = std::min<std::size_t>(400'000, large.size() - read);
    ASSERT_EQ(client.socket().bytes(wanted).size(), wanted) << "after " << read;
  }
}

TEST(WebSocketTimeTest, ASilentClientIsNotLateWithAFrame) {
  Hive hive(websocket({{"frame_time_max", option("300ms")}, {"ping_interval", option("100ms")}}));
  WebSocketClient client(hive.address());
  const auto message = WebSocketClient::frame(Opcode::text, "1");
  client.socket().send(message.substr(0, 4));
  client.socket().send(message.substr(4));
  EXPECT_EQ(client.text(), "1");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.receive().opcode, Opcode::ping) << "for longer than frame_time_max";
  client.send_text("2");
  EXPECT_EQ(client.text(), "2");
}

TEST(WebSocketTimeTest, GivesUpOnAClientThatDoesNotFinishItsHeader) {
  Hive hive(websocket({{"upgrade_time_max", option("30ms")}}));
  SocketClient slow(hive.address());
  slow.send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(slow.rest(), "");
}

TEST(WebSocketTimeTest, CutsOffAClientThatNeverReadsAndServesTheOthers) {
  Hive hive(websocket({{"write_bytes_max", option("256KiB")}, {"write_stall_max", option("300ms")}}));
  WebSocketClient deaf(hive.address());
  WebSocketClient other(hive.address());
  const auto frame = WebSocketClient::frame(Opcode::text, "\"" + std::string(60'000, 'x') + "\"");
  std::string unsent;
  eventually(
      [&] {
        if (unsent.empty()) unsent = frame;
        unsent.erase(0, deaf.socket().send_some(unsent));
        other.send_text("1");
        EXPECT_EQ(other.text(), "1");
        return hive.log().contain("write_stall_max");
      },
      "the end of the deaf client");
  EXPECT_EQ(hive.counters().sessions_open, 1u);
}

TEST(WebSocketTimeTest, AFloodOfPingsEndsWithTheReason) {
  Hive hive(websocket({{"control_frames_rate", option(2)}, {"close_time_max", option("10m")}}));
  WebSocketClient client(hive.address()), other(hive.address());
  client.send_text("1");
  EXPECT_EQ(client.text(), "1");
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += WebSocketClient::frame(i % 2 == 0 ? Opcode::ping : Opcode::pong, "x");
  client.socket().send(pings + WebSocketClient::frame(Opcode::text, "2"));
  auto message = client.receive();
  while (message.opcode == Opcode::pong) message = client.receive();
  EXPECT_EQ(message.code, 1008u);
  EXPECT_EQ(message.bytes, "more pings and pongs than control_frames_rate = 2 a second");
  EXPECT_EQ(client.socket().rest(), "");  // this side's stream has ended, whatever the client still sends
  EXPECT_EQ(hive.counters().requests, 1u);
  EXPECT_TRUE(hive.log().contain("closed: it breaks the rules: more pings and pongs than control_frames_rate = 2"));
  EXPECT_TRUE(hive.log().contain("is refused: it breaks the rules: more pings and pongs than control_frames_rate = 2"));
  EXPECT_EQ(hive.counters().refused_protocols, 1u);
  other.send(Opcode::ping, "");
  EXPECT_EQ(other.receive().opcode, Opcode::pong);
}

/// More than may come at once, but not in the time in which nobody read them.
TEST(WebSocketTimeTest, PingsThatHadToWaitAreNoFlood) {
  auto setup = holding_up({{"control_frames_rate", option(1000)}});
  setup.answers = false;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  WebSocketClient client(hive.address()), other(hive.address());
  for (int i = 0; i < 20; ++i) client.send_text("\"" + std::string(60'000, 'x') + "\"");
  for (int i = 0; i < 3; ++i) {  // by then the gateway has turned to the first one, and is not reading it any more
    other.send(Opcode::ping, "");
    ASSERT_EQ(other.receive().opcode, Opcode::pong);
  }
  std::string pings;
  for (int i = 0; i < 10'100; ++i) pings += WebSocketClient::frame(Opcode::ping, "");
  client.socket().send(pings);
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
  eventually([&] { return std::chrono::steady_clock::now() > later; }, "the time of 400 pings");
  hive.script(Script::echo);
  client.send(Opcode::close, std::string("\x03\xe8", 2));
  auto message = client.receive();
  while (message.opcode == Opcode::pong) message = client.receive();
  EXPECT_EQ(message.code, 1000u) << message.bytes;
}

/// A hundred pings of the gateway in the time of ten.
TEST(WebSocketTimeTest, WhoAnswersPingsDoesNothingElse) {
  Hive hive(websocket({{"control_frames_rate", option(1)}, {"ping_interval", option("1ms")}}));
  WebSocketClient client(hive.address());
  for (int i = 0; i < 100; ++i) {
    const auto ping = client.receive();
    ASSERT_EQ(ping.opcode, Opcode::ping) << i;
    client.send(Opcode::pong, ping.bytes);
  }
  client.send(Opcode::close, std::string("\x03\xe8", 2));
  auto message = client.receive();
  while (message.opcode == Opcode::ping) message = client.receive();
  EXPECT_EQ(message.code, 1000u);
}

}  // namespace websocket_time_test
}  // namespace skep
