#include "websocket/websocket_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_writer_test {

using namespace testing;
using Code = WebSocketCloseCode;
using Opcode = WebSocketOpcode;

constexpr WebSocketMask::Key key{'\x37', '\xFA', '\x21', '\x3D'};

/// Header and payload as they go out.
std::string written(WebSocketFrame frame, std::string payload) {
  frame.payload_bytes = payload.size();
  if (frame.key) WebSocketMask(*frame.key).apply(payload);
  return std::string(websocket_header(frame).view()) + payload;
}

TEST(WebSocketWriterTest, WritesTheExamplesOfTheStandard) {  // RFC 6455, section 5.7
  EXPECT_EQ(written({.opcode = Opcode::text}, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(written({.opcode = Opcode::text, .key = key}, "Hello"), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(written({.opcode = Opcode::text, .last = false}, "Hel"), "\x01\x03Hel");
  EXPECT_EQ(written({.opcode = Opcode::continuation}, "lo"), "\x80\x02lo");
  EXPECT_EQ(websocket_control_frame(Opcode::ping, "Hello").view(), "\x89\x05Hello");
  EXPECT_EQ(websocket_control_frame(Opcode::pong, "Hello", key).view(), "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(websocket_header({.payload_bytes = 256}).view(), std::string("\x82\x7E\x01\x00", 4));
  EXPECT_EQ(websocket_header({.payload_bytes = 65'536}).view(), std::string("\x82\x7F\0\0\0\0\0\x01\0\0", 10));
}

TEST(WebSocketWriterTest, LengthsHaveTheirShortestForm) {
  const auto size = [](std::uint64_t bytes) { return websocket_header({.payload_bytes = bytes}).view().size(); };
  EXPECT_EQ(size(0), 2u);
  EXPECT_EQ(size(125), 2u);
  EXPECT_EQ(size(126), 4u);
  EXPECT_EQ(size(65'535), 4u);
  EXPECT_EQ(size(65'536), 10u);
  EXPECT_EQ(size(~std::uint64_t{0} >> 1), 10u);
  EXPECT_EQ(websocket_header({.payload_bytes = 65'536, .key = key}).view().size(), websocket_header_bytes_max);
}

TEST(WebSocketWriterTest, WritesCloses) {
  EXPECT_EQ(websocket_close_frame(Code::normal, "").view(), "\x88\x02\x03\xE8");
  EXPECT_EQ(websocket_close_frame(Code::too_big, "large").view(), "\x88\x07\x03\xF1large");
  EXPECT_EQ(websocket_close_frame(Code::no_status, "").view(), std::string("\x88\x00", 2));
  EXPECT_EQ(websocket_close_frame(Code::no_status, "", key).view(), "\x88\x80\x37\xfa\x21\x3d");
  EXPECT_EQ(websocket_close_frame(static_cast<Code>(4999), "").view(), "\x88\x02\x13\x87");
}

TEST(WebSocketWriterTest, AReasonIsCutBetweenCharacters) {
  const auto reason = [](const std::string& whole) {
    return std::string(websocket_close_frame(Code::policy, whole).view().substr(4));
  };
  const std::string letters(123, 'r'), euro = "\xE2\x82\xAC", bee = "\xF0\x9F\x90\x9D";
  EXPECT_EQ(reason(letters), letters);
  EXPECT_EQ(reason(letters + "r"), letters);
  EXPECT_EQ(reason(letters + euro), letters);
  EXPECT_EQ(reason(letters.substr(1) + euro), letters.substr(1));
  EXPECT_EQ(reason(letters.substr(2) + euro), letters.substr(2));
  EXPECT_EQ(reason(letters.substr(3) + euro), letters.substr(3) + euro);
  EXPECT_EQ(reason(letters.substr(3) + bee), letters.substr(3));
  EXPECT_EQ(reason(std::string(5000, 'r')), letters);
  EXPECT_EQ(websocket_close_frame(Code::policy, letters + "r", key).view().size(), 2 + 4 + websocket_control_bytes_max);
}

TEST(WebSocketWriterTest, EveryCodeThatMayBeSentIsRead) {
  for (unsigned number = 0; number <= 0xFFFF; ++number) {
    const auto code = static_cast<Code>(number);
    if (!may_be_sent(code)) continue;
    const auto outcome = play_whole(websocket_close_frame(code, "why", key).view(), {});
    ASSERT_EQ(outcome.events, std::vector{got_close(number, "why")});
  }
}

WebSocketMask::Key any_key() {
  WebSocketMask::Key any;
  for (auto& byte : any) byte = *rc::gen::arbitrary<char>();
  return any;
}

std::string any_payload(Opcode opcode) {
  const auto size =
      *rc::gen::weightedElement<std::size_t>({{3, 0}, {3, 1}, {9, 20}, {3, 125}, {2, 126}, {1, 65'535}, {1, 65'536}});
  std::string payload;
  while (payload.size() < size)
    payload += opcode == Opcode::text ? "a\xE2\x82\xACz"
                                      : "\xFF"
                                        "b";
  return payload;
}

/// Writes one message in fragments, with pings between them.
std::string write_message(Opcode opcode, const std::string& payload, Role from, std::vector<std::string>& events) {
  std::string bytes;
  const auto frames = *rc::gen::inRange<std::size_t>(1, 5);
  std::size_t at = 0;
  for (std::size_t i = 1; i <= frames; ++i) {
    const bool last = i == frames;
    const auto size = last ? payload.size() - at : *rc::gen::inRange<std::size_t>(0, payload.size() - at + 1);
    const auto mask = from == Role::client ? WebSocketKey(any_key()) : WebSocketKey();
    bytes += written({.opcode = i == 1 ? opcode : Opcode::continuation, .last = last, .key = mask},
                     payload.substr(at, size));
    at += size;
    if (last || *rc::gen::inRange(0, 2) == 0) continue;
    const auto ping = std::to_string(i);
    bytes += websocket_control_frame(Opcode::ping, ping, mask).view();
    events.push_back(got_ping(ping));
  }
  events.push_back(opcode == Opcode::text ? got_text(payload) : got_binary(payload));
  return bytes;
}

RC_GTEST_PROP(WebSocketWriterTest, WhatIsWrittenIsRead, ()) {
  const auto from = *rc::gen::element(Role::client, Role::server);
  const WebSocketReader::Settings settings{.role = from == Role::client ? Role::server : Role::client};
  std::string stream;
  std::vector<std::string> events;
  for (int messages = *rc::gen::inRange(0, 6); messages > 0; --messages) {
    const auto opcode = *rc::gen::element(Opcode::text, Opcode::binary);
    stream += write_message(opcode, any_payload(opcode), from, events);
  }
  const auto mask = from == Role::client ? WebSocketKey(any_key()) : WebSocketKey();
  stream += websocket_close_frame(Code::going_away, "the end", mask).view();
  events.push_back(got_close(1001, "the end"));
  RC_ASSERT(play_whole(stream, settings).events == events);
  const auto seed = *rc::gen::arbitrary<unsigned>();
  std::minstd_rand random(seed);
  const auto size_max = *rc::gen::element<std::size_t>(1, 3, 20, 1000, 100'000);
  const auto pieces = play(stream, settings, [&](std::size_t) { return 1 + random() % size_max; });
  RC_ASSERT(pieces.events == events);
}

}  // namespace websocket_writer_test
}  // namespace skep
