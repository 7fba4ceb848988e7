#include "gateways/websocket_client.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <utility>

#include "gateways/gateway_fixture.hpp"
#include "gateways/websocket_setup.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {
namespace websocket_gateway_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(WebSocketGatewayTest, AnswersTextWithText) {
  Hive hive(websocket());
  ASSERT_EQ(hive.failure(), "");
  WebSocketClient client(hive.address());
  ASSERT_EQ(client.status(), 101u);
  EXPECT_THAT(client.header(), HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  client.send_text("{\"a\": 1}");
  EXPECT_EQ(client.text(), "{\"a\": 1}");
  eventually([&] { return hive.counters().answered == 1; }, "the end of the write");
}

TEST(WebSocketGatewayTest, AnswersBinaryWithBinary) {
  Hive hive(websocket());
  WebSocketClient client(hive.address());
  const std::string bytes(100'000, '\xff');
  client.send(Opcode::binary, bytes);
  const auto message = client.receive();
  EXPECT_EQ(message.opcode, Opcode::binary);
  EXPECT_EQ(message.bytes, bytes);
}

TEST(WebSocketGatewayTest, ChecksTensors) {
  Hive hive(websocket({{"binary", option("tensor")}}));
  WebSocketClient client(hive.address());
  const std::vector<std::int64_t> shape{3};
  const std::vector<float> values{1, 2, 3};
  const auto tensor = tensor_payload<float>(shape, values);
  const std::string bytes(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  client.send(Opcode::binary, bytes);
  EXPECT_EQ(client.receive().bytes, bytes);
  client.send(Opcode::binary, "nonsense");
  EXPECT_THAT(client.text(), HasSubstr("bad_record"));
}

TEST(WebSocketGatewayTest, AnswersPipelinedMessagesInTheirOrder) {
  Hive hive(websocket());
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  std::string frames;
  for (int i = 0; i < 50; ++i) frames += WebSocketClient::frame(Opcode::text, std::to_string(i));
  client.socket().send(frames);
  eventually([&] { return hive.accepted().size() == 50; }, "fifty requests");
  hive.script(Script::echo);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.text(), std::to_string(i));
}

TEST(WebSocketGatewayTest, PutsFragmentsTogether) {
  Hive hive(websocket());
  WebSocketClient client(hive.address());
  client.socket().send(WebSocketClient::frame(Opcode::text, "[1,", false) + WebSocketClient::frame(Opcode::ping, "x") +
                       WebSocketClient::frame(Opcode::continuation, "2]"));
  EXPECT_EQ(client.receive().opcode, Opcode::pong);
  EXPECT_EQ(client.text(), "[1,2]");
}

TEST(WebSocketGatewayTest, RefusesMalformedJsonAndGoesOn) {
  Hive hive(websocket());
  WebSocketClient client(hive.address());
  client.send_text("{");
  const auto error = client.text();
  EXPECT_THAT(error, HasSubstr("bad_record"));
  EXPECT_THAT(error, HasSubstr("safe"));
  client.send_text("1");
  EXPECT_EQ(client.text(), "1");
}

TEST(WebSocketGatewayTest, ClosesWith1007OnTextThatIsNotUtf8) {
  Hive hive(websocket());
  WebSocketClient other(hive.address());
  WebSocketClient client(hive.address());
  client.send_text("\"\xff\"");
  EXPECT_EQ(client.text(), "close 1007");
  other.send_text("1");
  EXPECT_EQ(other.text(), "1");
}

TEST(WebSocketGatewayTest, ClosesWith1009AndTheReasonOnAMessageOverTheLimit) {
  Hive hive(websocket({{"message_bytes_max", option("1KiB")}}));
  WebSocketClient client(hive.address());
  client.send_text("\"" + std::string(1022, 'x') + "\"");
  EXPECT_EQ(client.text().size(), 1024u);
  client.send_text("\"" + std::string(100'000, 'x') + "\"");
  const auto message = client.receive();
  EXPECT_EQ(message.code, 1009u);
  EXPECT_THAT(message.bytes, HasSubstr("message_bytes_max = 1024"));
  EXPECT_EQ(hive.counters().refused, 1u);
}

TEST(WebSocketGatewayTest, ClosesWith1009AsSoonAsTooMuchIsAnnounced) {
  Hive hive(websocket({{"message_bytes_max", option("1KiB")}}));
  const auto too_long = WebSocketClient::frame(Opcode::text, std::string(2000, '1'));
  const auto second_half = WebSocketClient::frame(Opcode::continuation, std::string(1000, '1'));
  for (const auto& announced :
       {WebSocketClient::frame(Opcode::text, "1") + too_long.substr(0, 8),
        WebSocketClient::frame(Opcode::text, "1") +
            WebSocketClient::frame(Opcode::text, std::string(1000, '1'), false) + second_half.substr(0, 8)}) {
    WebSocketClient client(hive.address());
    client.socket().send(announced);
    EXPECT_EQ(client.text(), "1") << "what stands before it is answered";
    const auto message = client.receive();
    EXPECT_EQ(message.code, 1009u);
    EXPECT_THAT(message.bytes, HasSubstr("message_bytes_max = 1024"));
  }
}

TEST(WebSocketGatewayTest, ClosesWhenAFrameOnlyAnnouncesWhatNoSettingAllows) {
  Hive hive(websocket());
  const auto told = [&](const std::string& length) {
    WebSocketClient client(hive.address());
    client.socket().send("\x81\xff" + length + "mask");
    const auto message = client.receive();
    return std::to_string(message.code) + ' ' + message.bytes;
  };
  EXPECT_EQ(told(std::string("\x40\0\0\0\0\0\0\0", 8)), "1009 message_bytes_max = 4194304");
  EXPECT_EQ(told(std::string("\x80\0\0\0\0\0\0\x05", 8)), "1002 the highest bit of a length is set");
}

TEST(WebSocketGatewayTest, ClosesWith1002OnAFrameThatIsNotMasked) {
  Hive hive(websocket());
  WebSocketClient client(hive.address());
  client.socket().send(std::string("\x81\x01") + "1");
  EXPECT_EQ(client.text(), "close 1002");
}

TEST(WebSocketGatewayTest, AnswersAClose) {
  Hive hive(websocket());
  WebSocketClient client(hive.address());
  client.send(Opcode::close, std::string("\x03\xe8", 2));
  EXPECT_EQ(client.text(), "close 1000");
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
}

TEST(WebSocketGatewayTest, AnswersWhatWasAskedBeforeItAnswersAClose) {
  Hive hive(websocket());
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  const auto large = "\"" + std::string(300'000, 'x') + "\"";
  client.socket().send(WebSocketClient::frame(Opcode::text, "1") + WebSocketClient::frame(Opcode::text, large) +
                       WebSocketClient::frame(Opcode::close, std::string("\x03\xe8", 2)));
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  hive.script(Script::echo);
  EXPECT_EQ(client.text(), "1");
  EXPECT_EQ(client.text(), large);
  EXPECT_EQ(client.text(), "close 1000");
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
  EXPECT_EQ(hive.counters().answered, 2u);
  EXPECT_FALSE(hive.log().contain("warning"));
}

TEST(WebSocketGatewayTest, AnswersACloseInTimeAndCountsWhatItStillOwed) {
  Hive hive(websocket({{"close_time_max", option("100ms")}}));
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  client.socket().send(WebSocketClient::frame(Opcode::text, "1") +
                       WebSocketClient::frame(Opcode::close, std::string("\x03\xe8", 2)));
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  EXPECT_EQ(client.text(), "close 1000");
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
  hive.script(Script::echo);
  eventually([&] { return hive.counters().orphaned == 1; }, "an orphan");
  EXPECT_EQ(hive.counters().answered, 0u);
  EXPECT_FALSE(hive.log().contain("warning"));
}

TEST(WebSocketGatewayTest, AnswersThatAClosingClientDoesNotReadAreNotCountedAnswered) {
  Hive hive(websocket({{"close_time_max", option("100ms")}, {"write_bytes_max", option("64MiB")}}));
  hive.answer_with(
      [](const Record& record) { return record.with(Payload::json("\"" + std::string(3'000'000, 'x') + "\"")); });
  WebSocketClient client(hive.address());
  std::string frames;
  for (int i = 0; i < 8; ++i) frames += WebSocketClient::frame(Opcode::text, "1");
  client.socket().send(frames + WebSocketClient::frame(Opcode::close, std::string("\x03\xe8", 2)));
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
  GatewayCounters counters;
  eventually([&] { return (counters = hive.counters(), counters.answered + counters.abandoned == 8); }, "all answers");
  EXPECT_GT(counters.abandoned, 0u);
  std::uint64_t whole = 0;
  while (client.receive().bytes.size() == 3'000'002) ++whole;
  EXPECT_EQ(counters.answered, whole);
}

TEST(WebSocketGatewayTest, DrainsAClientThatIsClosing) {
  Hive hive(websocket());
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  client.socket().send(WebSocketClient::frame(Opcode::text, "1") +
                       WebSocketClient::frame(Opcode::close, std::string("\x03\xe8", 2)));
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  hive.start_drain();
  hive.script(Script::echo);
  EXPECT_EQ(client.text(), "1");
  EXPECT_THAT(client.text(), ::testing::AnyOf("close 1000", "close 1001"));
  EXPECT_EQ(hive.drain().answered, 1u);
}

TEST(WebSocketGatewayTest, TurnsAwayWhatIsNoUpgradeHere) {
  Hive hive(websocket({{"path", option("/ws")}}));
  EXPECT_EQ(WebSocketClient(hive.address(), "/ws").status(), 101u);
  EXPECT_EQ(WebSocketClient(hive.address(), "/").status(), 404u);
  SocketClient browser(hive.address());
  browser.send("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(browser.rest(), HasSubstr("426"));
  SocketClient noise(hive.address());
  noise.send("hello\r\n\r\n");
  EXPECT_THAT(noise.rest(), HasSubstr("400"));
  SocketClient verbose(hive.address());
  verbose.send("GET /ws HTTP/1.1\r\nHost: " + std::string(20'000, 'x'));
  EXPECT_THAT(verbose.rest(), HasSubstr("upgrade_header_bytes_max"));
}

TEST(WebSocketGatewayTest, ChecksTheOriginOfWebPages) {
  Hive hive(websocket());
  EXPECT_EQ(WebSocketClient(hive.address(), "/", "Origin: http://evil.org\r\n").status(), 403u);
  EXPECT_EQ(WebSocketClient(hive.address(), "/", "Origin: null\r\n").status(), 403u);
  EXPECT_EQ(WebSocketClient(hive.address(), "/", "Origin: http://" + hive.address() + "\r\n").status(), 101u);
  Hive open(websocket({{"origins", list("https://example.org")}}));
  EXPECT_EQ(WebSocketClient(open.address(), "/", "Origin: https://example.org\r\n").status(), 101u);
  EXPECT_EQ(WebSocketClient(open.address(), "/", "Origin: https://example.org.evil.org\r\n").status(), 403u);
}

TEST(WebSocketGatewayTest, TurnsAwayConnectionsOverTheLimit) {
  Hive hive(websocket({{"sessions_max", option(1)}}));
  WebSocketClient first(hive.address());
  EXPECT_EQ(first.status(), 101u);
  EXPECT_EQ(WebSocketClient(hive.address()).status(), 503u);
}

TEST(WebSocketGatewayTest, ConnectionsThatWereTurnedAwayTakeNobodysPlace) {
  Hive hive(websocket({{"sessions_max", option(1)}}));
  std::optional<WebSocketClient> first(hive.address());
  EXPECT_EQ(first->status(), 101u);
  SocketClient silent(hive.address());
  EXPECT_EQ(WebSocketClient(hive.address()).status(), 503u);
  first->socket().close();
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of the first");
  EXPECT_EQ(WebSocketClient(hive.address()).status(), 101u);
}

TEST(WebSocketGatewayTest, EndsAMessageOfTooManyFrames) {
  Hive hive(websocket());
  WebSocketClient client(hive.address());
  client.socket().send(WebSocketClient::frame(Opcode::text, "[", false));
  for (int i = 0; i < 200; ++i) {
    static_cast<void>(client.socket().send_some(WebSocketClient::frame(Opcode::continuation, "", false)));
  }
  const auto end = client.receive();
  EXPECT_EQ(end.code, 1008u);
  EXPECT_EQ(end.bytes, "websocket_message_frames_max = 128, and one more for each KiB");
}

TEST(WebSocketGatewayTest, RefusesAHeaderOfTooManyFieldsAndAKeyThatIsNone) {
  Hive hive(websocket());
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(WebSocketClient(hive.address(), "/", fields).status(), 431u);
  SocketClient client(hive.address());
  client.send("GET / HTTP/1.1\r\nHost: " + hive.address() +
              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: x\r\n\r\n");
  EXPECT_THAT(client.rest(), AllOf(HasSubstr("400"), HasSubstr("Sec-WebSocket-Key")));
  WebSocketClient twice(hive.address(), "/", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(twice.status(), 400u);
}

TEST(WebSocketGatewayTest, BinaryMessagesHaveNoKeyInsideThem) {
  Hive hive(websocket({{"key", option("$.user")}}));
  WebSocketClient client(hive.address());
  client.send(Opcode::binary, R"({"user":"ada"})");
  EXPECT_THAT(client.text(), AllOf(HasSubstr("bad_record"), HasSubstr("it is no JSON and has no $.user")));
  client.send_text(R"({"user":"ada"})");
  EXPECT_EQ(client.text(), R"({"user":"ada"})");
}

TEST(WebSocketGatewayTest, RejectsAndBlocksAsATcpGatewayDoes) {
  Hive rejecting(websocket({{"session_requests_max", option(1)}}));
  rejecting.script(Script::keep_answers);
  WebSocketClient client(rejecting.address());
  client.send_text("1");
  client.send_text("2");
  eventually([&] { return rejecting.counters().refused == 1; }, "a refusal");
  rejecting.script(Script::echo);
  EXPECT_EQ(client.text(), "1");
  EXPECT_THAT(client.text(), HasSubstr("session_requests_max = 1"));

  auto setup = websocket({{"overflow", option("block")}});
  setup.window = 1;
  Hive blocking(std::move(setup));
  blocking.script(Script::accept_nothing);
  WebSocketClient patient(blocking.address());
  for (int i = 0; i < 100; ++i) patient.send_text(std::to_string(i));
  eventually([&] { return blocking.counters().requests > 0; }, "a first request");
  blocking.script(Script::echo);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(patient.text(), std::to_string(i));
  EXPECT_EQ(blocking.counters().refused, 0u);
}

TEST(WebSocketGatewayTest, DrainsWith1001AfterTheAnswers) {
  Hive hive(websocket());
  hive.script(Script::keep_answers);
  WebSocketClient client(hive.address());
  client.send_text("1");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  hive.start_drain();
  hive.script(Script::echo);
  EXPECT_EQ(client.text(), "1");
  EXPECT_EQ(client.text(), "close 1001");
  client.send(Opcode::close, std::string("\x03\xe9", 2));
  EXPECT_EQ(hive.drain().sessions_open, 0u);
}

TEST(WebSocketGatewayTest, WhatIsWrongAfterItsOwnCloseIsHeldAgainstNobody) {
  const std::string not_masked = std::string("\x81\x01") + "1";
  Hive hive(websocket());
  WebSocketClient client(hive.address()), other(hive.address());
  other.socket().send(not_masked);
  EXPECT_EQ(other.text(), "close 1002");
  hive.start_drain();
  EXPECT_EQ(client.text(), "close 1001");
  client.socket().send(not_masked);
  EXPECT_EQ(client.socket().rest(), "");
  for (auto* each : {&client, &other}) each->socket().close();
  EXPECT_EQ(hive.drain().refused_protocols, 1u);
}

TEST(WebSocketGatewayTest, SendsOutToListeners) {
  auto setup = websocket();
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.send_out({"1", "2"});
  WebSocketClient client(hive.address());
  EXPECT_EQ(client.text(), "1");
  EXPECT_EQ(client.text(), "2");
  eventually([&] { return hive.taken() == 2; }, "credit");
}

HiveSetup listeners(std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  auto setup = websocket(more);
  setup.answers = false;
  setup.receives = true;
  return setup;
}

TEST(WebSocketGatewayTest, AListenerThatNeverReadsIsResetSoThatTheKernelKeepsNothing) {
  Hive hive(listeners({{"write_stall_max", option("50ms")}}));
  WebSocketClient deaf(hive.address());
  hive.send_out(Texts(8, std::string(3'000'000, '7')));  // more than the kernel takes
  eventually([&] { return hive.log().contain("it does not read what it is sent (write_stall_max)"); }, "its end");
  EXPECT_TRUE(deaf.socket().was_reset(patience));
}

TEST(WebSocketGatewayTest, CountsWhatAListenerTakesThatUpgradedWhileRecordsWentOut) {
  Hive hive(listeners());
  std::optional<WebSocketClient> first(hive.address());
  SocketClient second(hive.address());
  eventually([&] { return hive.counters().sessions_open == 2; }, "a second connection");
  hive.send_out({"1", "2"});
  EXPECT_EQ(first->text(), "1");
  EXPECT_EQ(first->text(), "2");
  WebSocketClient upgraded(std::move(second), hive.address());
  first.reset();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the end of the first");
  hive.send_out({"3"});
  EXPECT_EQ(upgraded.text(), "3");
  eventually([&] { return hive.counters().sent == 3; }, "three records sent");
  hive.start_drain();
  EXPECT_EQ(upgraded.text(), "close 1001");
  upgraded.socket().close();
  EXPECT_EQ(hive.drain().lost, 0u);
}

TEST(WebSocketGatewayTest, WhatWentToAListenerThatLeftIsNotSentByTheOneThatComes) {
  Hive hive(listeners({{"write_bytes_max", option("64MiB")}}));
  std::optional<WebSocketClient> first(hive.address());
  SocketClient second(hive.address());
  eventually([&] { return hive.counters().sessions_open == 2; }, "a second connection");
  hive.send_out(Texts(8, std::string(3'000'000, '7')));  // more than the kernel takes
  eventually([&] { return hive.taken() == 8; }, "credit for eight");
  first->socket().reset();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the end of the first");
  WebSocketClient upgraded(std::move(second), hive.address());
  hive.send_out({"9"});
  EXPECT_EQ(upgraded.text(), "9");
  eventually([&] { return hive.counters().sent + hive.counters().lost == 9; }, "all counted");
  EXPECT_GT(hive.counters().lost, 0u);
}

TEST(WebSocketGatewayTest, WhoseRequestIsRefusedIsCountedAndToldOf) {
  Hive hive(websocket({{"path", option("/ws")}, {"upgrade_time_max", option("100ms")}}));
  WebSocketClient page(hive.address(), "/ws", "Origin: https://evil.example\r\n");
  EXPECT_EQ(page.status(), 403u);
  const std::string words = "pages from this origin are not allowed (setting `origins`): https://evil.example";
  EXPECT_EQ(page.socket().rest(), words + "\n");
  EXPECT_TRUE(hive.log().contain(" is refused: its request: 403 " + words));
  EXPECT_EQ(WebSocketClient(hive.address(), "/other").status(), 404u);
  EXPECT_EQ(SocketClient(hive.address()).rest(), "");  // it says nothing
  eventually([&] { return hive.counters().refused_upgrades == 3; }, "the count");
}

}  // namespace websocket_gateway_test
}  // namespace skep
