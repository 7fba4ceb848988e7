// Large messages, and those that are too large or have too many frames.

#include <gtest/gtest.h>

#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_limits_test {

using namespace testing;

const auto over_10 = got_error(1009, "message_bytes_max = 10");
const WebSocketReader::Settings ten_bytes{.message_bytes_max = 10};

std::vector<WireFrame> cut(std::size_t bytes, std::size_t frame_bytes) {
  std::vector<WireFrame> frames;
  for (std::size_t at = 0; at < bytes; at += frame_bytes) {
    const auto here = std::min(frame_bytes, bytes - at);
    const unsigned opcode = at == 0 ? 0x2 : 0x0, last = at + here == bytes ? 0x80 : 0;
    frames.push_back(frame(opcode | last, std::string(here, 'b')));
  }
  return frames;
}

/// A message of so many frames of one byte.
std::vector<WireFrame> frames_of_one(std::size_t count, const WireFrame& between) {
  std::vector<WireFrame> frames{text_begin("a")};
  for (std::size_t i = 2; i < count; ++i) frames.insert(frames.end(), {between, more("b")});
  frames.push_back(end("c"));
  return frames;
}

TEST(WebSocketLimitsTest, LargeMessages) {
  for (const std::size_t bytes : {1u << 20, 4u << 20}) {
    const std::string letters(bytes, 't');
    for (const auto role : {Role::server, Role::client}) {
      const auto stream = wire(text(letters), role);
      for (const std::size_t piece : {std::size_t{1460}, std::size_t{64} << 10, stream.size()}) {
        const auto outcome = play(stream, {.role = role}, [&](std::size_t) { return piece; });
        EXPECT_EQ(outcome.events, std::vector{got_text(letters)}) << bytes << " bytes by " << piece;
      }
    }
  }
}

TEST(WebSocketLimitsTest, FramesOfEverySize) {
  std::vector<WireCase> cases;
  for (const std::size_t frame_bytes : {64, 256, 1024, 4096, 16'384, 65'536}) {
    const std::size_t bytes = std::min<std::size_t>(frame_bytes * 100, 80'000);
    cases.push_back({"of " + std::to_string(frame_bytes) + " bytes",
                     cut(bytes, frame_bytes),
                     {got_binary(std::string(bytes, 'b'))}});
  }
  check(cases);
}

TEST(WebSocketLimitsTest, AMessageIsRefusedOnceItIsAnnounced) {
  const std::string ten = "0123456789";
  constexpr std::uint64_t gigabyte = 1u << 30, most = ~std::uint64_t{0} >> 1;
  check({
      {"as much as may be", {text(ten)}, {got_text(ten)}, ten_bytes},
      {"again", {text(ten), binary(ten)}, {got_text(ten), got_binary(ten)}, ten_bytes},
      {"one byte more", {text(ten + "0")}, {over_10}, ten_bytes},
      {"one byte more, binary", {binary(ten + "0")}, {over_10}, ten_bytes},
      {"only announced", {announcing(11, binary())}, {over_10}, ten_bytes},
      {"in 16 bits", {announcing(300, text())}, {over_10}, ten_bytes},
      {"in 64 bits", {announcing(gigabyte, text())}, {over_10}, ten_bytes},
      {"the most that can be", {announcing(most, text())}, {over_10}, ten_bytes},
      {"the first frame of several", {announcing(11, text_begin())}, {over_10}, ten_bytes},
      {"two frames that fit", {text_begin("01234"), end("56789")}, {got_text(ten)}, ten_bytes},
      {"two frames that do not", {text_begin("012345"), end("67890")}, {over_10}, ten_bytes},
      {"a sum that would overflow", {text_begin("0"), announcing(most, end())}, {over_10}, ten_bytes},
      {"three frames, the last", {text_begin("01234"), more("56789"), end("0")}, {over_10}, ten_bytes},
      {"an empty end after as much as may be", {text_begin(ten), end()}, {got_text(ten)}, ten_bytes},
      {"after one that fits", {text(ten), text(ten + "0")}, {got_text(ten), over_10}, ten_bytes},
      {"control frames do not count",
       {text_begin("01234"), ping(ten + ten), end("56789")},
       {got_ping(ten + ten), got_text(ten)},
       ten_bytes},
      {"a limit of nothing",
       {text(), text("a")},
       {got_text(""), got_error(1009, "message_bytes_max = 0")},
       {.message_bytes_max = 0}},
  });
}

TEST(WebSocketLimitsTest, TheUsualLimits) {
  const auto too_big = got_error(1009, "message_bytes_max = " + std::to_string(limits::websocket_message_bytes_max));
  check({
      {"bytes", {announcing(limits::websocket_message_bytes_max + 1, binary())}, {too_big}},
      {"bytes of two frames", {text_begin("a"), announcing(limits::websocket_message_bytes_max, end())}, {too_big}},
      {"frames", frames_of_one(limits::websocket_message_frames_max, ping()),
       [] {
         std::vector<std::string> events(limits::websocket_message_frames_max - 2, got_ping());
         events.push_back(got_text("a" + std::string(limits::websocket_message_frames_max - 2, 'b') + "c"));
         return events;
       }()},
      {"a frame too many",
       frames_of_one(limits::websocket_message_frames_max + 1, more()),
       {got_error(1008, "websocket_message_frames_max = 128, and one more for each KiB")}},
  });
}

TEST(WebSocketLimitsTest, AMessageHasNoMoreFramesThanItsLimit) {
  const WebSocketReader::Settings three{.message_frames_max = 3};
  const auto too_many = got_error(1008, "websocket_message_frames_max = 3, and one more for each KiB");
  const std::string usual(limits::websocket_frame_bytes_usual, 'u');
  check({
      {"three", {text_begin("a"), more("b"), end("c")}, {got_text("abc")}, three},
      {"four", {text_begin("a"), more("b"), more("c"), end("d")}, {too_many}, three},
      {"four empty ones", {text_begin(), more(), more(), end()}, {too_many}, three},
      {"four, the last of the next",
       {text_begin("a"), more("b"), end("c"), text("d")},
       {got_text("abc"), got_text("d")},
       three},
      {"three and control frames",
       {text_begin("a"), ping(), pong(), more("b"), ping(), end("c")},
       {got_ping(), got_pong(), got_ping(), got_text("abc")},
       three},
      {"one more for a KiB", {text_begin(usual), more("b"), more("c"), end("d")}, {got_text(usual + "bcd")}, three},
      {"the KiB comes last", {text_begin("a"), more("b"), more("c"), end(usual)}, {got_text("abc" + usual)}, three},
      {"two more for a KiB", {text_begin(usual), more("b"), more("c"), more("d"), end("e")}, {too_many}, three},
      {"a KiB each", cut(10 * usual.size(), usual.size()), {got_binary(std::string(10 * usual.size(), 'b'))}, three},
      {"counted anew",
       {text_begin("a"), more("b"), end("c"), text_begin("a"), more("b"), more("c"), end("d")},
       {got_text("abc"), too_many},
       three},
  });
}

TEST(WebSocketLimitsTest, BytesAreJudgedBeforeFrames) {
  check({{"both are too many",
          {text_begin("01234"), end("567890")},
          {over_10},
          {.message_bytes_max = 10, .message_frames_max = 1}}});
}

}  // namespace websocket_limits_test
}  // namespace skep
