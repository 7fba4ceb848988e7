// Lengths, masks, reserved bits and opcodes: RFC 6455, section 5.2.

#include <gtest/gtest.h>

#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_framing_test {

using namespace testing;
using Length = WireFrame::Length;

const auto reserved_bit = got_error(1002, "a reserved bit is set, and no extension was agreed on");
const auto reserved_opcode = got_error(1002, "the opcode is reserved");
const auto not_shortest = got_error(1002, "a length that is not in its shortest form");
const auto highest_bit = got_error(1002, "the highest bit of a length is set");
const auto long_control = got_error(1002, "a control frame of more than 125 bytes");

std::string letters(std::size_t count) {
  std::string letters(count, ' ');
  for (std::size_t i = 0; i < count; ++i) letters[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return letters;
}

std::string any_bytes(std::size_t count) {
  std::string bytes(count, ' ');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 197 + i / 256);
  return bytes;
}

std::string hex(unsigned number) {
  constexpr auto digits = "0123456789ABCDEF";
  return {digits[number >> 4 & 0xF], digits[number & 0xF]};
}

TEST(WebSocketFramingTest, ReadsEveryLength) {
  std::vector<WireCase> cases;
  for (const std::size_t size : {0,   1,   2,   3,   4,   5,   7,   8,    9,      31,     32,     33,    124,
                                 125, 126, 127, 128, 129, 255, 256, 4096, 65'534, 65'535, 65'536, 65'537}) {
    const auto name = std::to_string(size) + " bytes";
    cases.push_back({"text of " + name, {text(letters(size))}, {got_text(letters(size))}});
    cases.push_back({"binary of " + name, {binary(any_bytes(size))}, {got_binary(any_bytes(size))}});
  }
  check(cases);
}

TEST(WebSocketFramingTest, MessagesFollowEachOther) {
  check({
      {"nothing", {}, {}},
      {"two texts", {text("one"), text("two")}, {got_text("one"), got_text("two")}},
      {"text and binary", {text("one"), binary("\xFF")}, {got_text("one"), got_binary("\xFF")}},
      {"empty ones", {text(), binary(), text()}, {got_text(""), got_binary(""), got_text("")}},
      {"of all three forms of length",
       {text(letters(126)), text(letters(1)), binary(any_bytes(65'536)), text(letters(125))},
       {got_text(letters(126)), got_text(letters(1)), got_binary(any_bytes(65'536)), got_text(letters(125))}},
  });
}

TEST(WebSocketFramingTest, WhatIsNotWholeIsNoEvent) {
  check({
      {"the first byte of a header", {raw("\x81")}, {}},
      {"a text without its end", {announcing(3, text("ab"))}, {unfinished(got_text("ab"))}},
      {"a text of which only the header is here", {announcing(200, text())}, {}},
      {"a ping without its end", {announcing(1, ping("ab"))}, {}},
      {"a close without its end", {announcing(1, close(1000))}, {}},
      {"after a message", {text("a"), announcing(3, binary("bc"))}, {got_text("a"), unfinished(got_binary("bc"))}},
  });
}

TEST(WebSocketFramingTest, ALengthHasItsShortestForm) {
  std::vector<WireCase> cases;
  for (const unsigned first : {0x81, 0x82, 0x01, 0x02}) {
    for (const std::size_t size : {0, 1, 125}) {
      const auto name = "in 16 bits: " + std::to_string(size) + ", first byte " + hex(first);
      cases.push_back({name, {with(Length::bits_16, frame(first, letters(size)))}, {not_shortest}});
    }
    for (const std::size_t size : {0, 1, 125, 126, 65'535}) {
      const auto name = "in 64 bits: " + std::to_string(size) + ", first byte " + hex(first);
      cases.push_back({name, {with(Length::bits_64, frame(first, letters(size)))}, {not_shortest}});
    }
  }
  cases.push_back({"of a continuation", {text_begin("a"), with(Length::bits_16, end("b"))}, {not_shortest}});
  check(cases);
}

TEST(WebSocketFramingTest, ALengthHas63Bits) {
  constexpr std::uint64_t bit_63 = std::uint64_t{1} << 63;
  check({
      {"the 64th bit alone", {announcing(bit_63, binary())}, {highest_bit}},
      {"and more", {announcing(bit_63 + 5, text())}, {highest_bit}},
      {"all of them", {announcing(~std::uint64_t{0}, binary())}, {highest_bit}},
      {"of a continuation", {binary_begin("a"), announcing(bit_63, end())}, {highest_bit}},
  });
}

TEST(WebSocketFramingTest, AControlFrameHasNoLongerLength) {
  std::vector<WireCase> cases;
  for (const unsigned first : {0x88, 0x89, 0x8A}) {
    const auto name = "first byte " + hex(first);
    cases.push_back({"126, " + name, {frame(first, letters(126))}, {long_control}});
    cases.push_back({"65,536, " + name, {frame(first, letters(65'536))}, {long_control}});
    cases.push_back({"5 in 16 bits, " + name, {with(Length::bits_16, frame(first, letters(5)))}, {long_control}});
    cases.push_back({"5 in 64 bits, " + name, {with(Length::bits_64, frame(first, letters(5)))}, {long_control}});
  }
  check(cases);
}

TEST(WebSocketFramingTest, ReservedBitsAreRefused) {
  std::vector<WireCase> cases;
  for (unsigned bits = 0x10; bits <= 0x70; bits += 0x10) {
    for (const unsigned first : {0x81, 0x82, 0x80, 0x88, 0x89, 0x8A}) {
      const auto name = "first byte " + hex(first | bits);
      cases.push_back({name, {frame(first | bits, "x")}, {reserved_bit}});
    }
    const auto name = "bits " + hex(bits);
    cases.push_back({name + " after a message", {text("a"), frame(0x81 | bits)}, {got_text("a"), reserved_bit}});
    cases.push_back({name + " of a continuation", {text_begin("a"), frame(0x80 | bits, "b")}, {reserved_bit}});
    cases.push_back({name + " of a ping within a message", {text_begin("a"), frame(0x89 | bits)}, {reserved_bit}});
    cases.push_back({name + ", and a reserved opcode", {frame(0x83 | bits)}, {reserved_bit}});
  }
  check(cases);
}

TEST(WebSocketFramingTest, ReservedOpcodesAreRefused) {
  std::vector<WireCase> cases;
  for (const unsigned opcode : {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF}) {
    const auto name = "opcode " + hex(opcode);
    const auto wrong = frame(0x80 | opcode), wrong_bytes = frame(0x80 | opcode, "bytes");
    cases.push_back({name, {wrong}, {reserved_opcode}});
    cases.push_back({name + " with a payload", {wrong_bytes}, {reserved_opcode}});
    cases.push_back({name + ", not the last frame", {frame(opcode)}, {reserved_opcode}});
    cases.push_back({name + " after a message and a ping",
                     {text("a"), ping("b"), wrong_bytes, ping()},
                     {got_text("a"), got_ping("b"), reserved_opcode}});
    cases.push_back({name + " within a message", {text_begin("a"), wrong, end("b")}, {reserved_opcode}});
  }
  check(cases);
}

TEST(WebSocketFramingTest, OnlyAClientMasks) {
  const std::vector<std::pair<std::string, WireFrame>> frames = {
      {"text", text("a")}, {"empty text", text()}, {"binary", binary("a")},      {"close", close(1000)},
      {"ping", ping()},    {"pong", pong("a")},    {"long", text(letters(300))},
  };
  for (const auto role : {Role::server, Role::client}) {
    const auto wrong =
        got_error(1002, role == Role::server ? "a client's frame without a mask" : "a server's frame with a mask");
    for (const auto& [name, frame] : frames) {
      SCOPED_TRACE(name + (role == Role::server ? ", read by a server" : ", read by a client"));
      const auto expect_wrong = [&](const std::vector<WireFrame>& stream, std::vector<std::string> before) {
        before.push_back(wrong);
        const auto outcome = play_whole(wire(stream, role), {.role = role});
        EXPECT_EQ(outcome.events, before);
        expect_same_however_cut(wire(stream, role), {.role = role}, outcome);
      };
      expect_wrong({wrongly_masked(frame)}, {});
      expect_wrong({text("a"), wrongly_masked(frame), frame}, {got_text("a")});
    }
  }
}

TEST(WebSocketFramingTest, AMistakeIsToldAtTheFirstByteThatShowsIt) {
  const auto read = [](const WireFrame& frame, std::size_t message_bytes_max = 1000) {
    return play_whole(wire({frame, text("more")}, Role::server), {.message_bytes_max = message_bytes_max}).read;
  };
  EXPECT_EQ(read(frame(0xC1, "a")), 1u);
  EXPECT_EQ(read(frame(0x83, "a")), 1u);
  EXPECT_EQ(read(end("a")), 1u);
  EXPECT_EQ(read(frame(0x09, "a")), 1u);
  EXPECT_EQ(read(wrongly_masked(text("a"))), 2u);
  EXPECT_EQ(read(ping(letters(126))), 2u);
  EXPECT_EQ(read(with(Length::bits_16, text("a"))), 4u);
  EXPECT_EQ(read(with(Length::bits_64, text("a"))), 10u);
  EXPECT_EQ(read(text(letters(8)), 7), 2u) << "a limit, too, before the mask";
  EXPECT_EQ(read(text(letters(1001))), 4u);
  EXPECT_EQ(read(text("ab\xFF"
                      "cd")),
            6u + 3u);
  EXPECT_EQ(read(close(1005, "reason")), 6u + 8u) << "a control frame as a whole";
}

}  // namespace websocket_framing_test
}  // namespace skep
