#include "../../gateways/src/frame_scan.hpp"

#include <gtest/gtest.h>

#include <string>

#include "gateways/websocket_client.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

using namespace testing;
using Stop = FrameScan::Stop;

std::string frame(Opcode opcode, std::size_t bytes, bool last = true) {
  return WebSocketClient::frame(opcode, std::string(bytes, 'x'), last);
}

/// What comes of a stream in pieces of so many bytes.
FrameScan::Seen look(std::string_view stream, std::size_t message_bytes_max, std::size_t piece) {
  FrameScan scan(message_bytes_max);
  FrameScan::Seen all;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto seen = scan.look(stream.substr(at, piece));
    all.pass += seen.pass;
    all.stop = seen.stop;
    if (seen.stop != Stop::none) break;
  }
  return all;
}

TEST(FrameScanTest, LetsFramesPassHoweverTheyAreCut) {
  const auto stream = frame(Opcode::text, 0) + frame(Opcode::text, 125) + frame(Opcode::ping, 125) +
                      frame(Opcode::binary, 126) + frame(Opcode::binary, 65'536) + frame(Opcode::pong, 0);
  for (const std::size_t piece : {1, 2, 3, 7, 1000, 100'000}) {
    const auto seen = look(stream, 65'536, piece);
    EXPECT_EQ(seen.pass, stream.size());
    EXPECT_EQ(seen.stop, Stop::none);
  }
}

TEST(FrameScanTest, KnowsWhatHasBegunAndNotEnded) {
  const auto whole = frame(Opcode::text, 3) + frame(Opcode::text, 2, false) + frame(Opcode::ping, 4) +
                     frame(Opcode::continuation, 0) + frame(Opcode::pong, 0);
  const std::size_t first = frame(Opcode::text, 3).size(), last = whole.size() - frame(Opcode::pong, 0).size();
  FrameScan scan(100);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    const auto seen = scan.look(whole.substr(at, 1));
    const bool between = at + 1 == first || at + 1 == last || at + 1 == whole.size();
    EXPECT_EQ(scan.within(), !between) << at;
    EXPECT_EQ(seen.ended, between) << at;
  }
  const auto seen = scan.look(whole + whole.substr(0, 1));
  EXPECT_TRUE(seen.ended);
  EXPECT_TRUE(scan.within()) << "the next has begun";
}

TEST(FrameScanTest, StopsBeforeAClose) {
  const auto before = frame(Opcode::text, 5) + frame(Opcode::ping, 1);
  for (const std::size_t piece : {1, 2, 5, 1000}) {
    const auto seen = look(before + frame(Opcode::close, 2) + frame(Opcode::text, 5), 100, piece);
    EXPECT_EQ(seen.pass, before.size());
    EXPECT_EQ(seen.stop, Stop::close);
  }
}

TEST(FrameScanTest, StopsWithinAHeaderThatAnnouncesTooMuch) {
  const auto before = frame(Opcode::text, 100);
  for (const std::size_t piece : {1, 3, 1000}) {
    const auto seen = look(before + frame(Opcode::binary, 101), 100, piece);
    EXPECT_EQ(seen.pass, before.size() + 5) << "all but one byte of the header: its reader waits for it";
    EXPECT_EQ(seen.stop, Stop::too_big);
  }
}

TEST(FrameScanTest, CountsTheFragmentsOfAMessage) {
  const auto half = frame(Opcode::text, 50, false);
  EXPECT_EQ(look(half + frame(Opcode::ping, 100) + frame(Opcode::continuation, 50), 100, 7).stop, Stop::none);
  EXPECT_EQ(look(half + frame(Opcode::ping, 100) + frame(Opcode::continuation, 51), 100, 7).stop, Stop::too_big);
  EXPECT_EQ(look(frame(Opcode::text, 100) + frame(Opcode::text, 100), 100, 7).stop, Stop::none);
}

TEST(FrameScanTest, AMessageHasNoMoreFramesThanItsLimit) {
  auto stream = frame(Opcode::text, 1, false);
  for (std::size_t i = 1; i < limits::websocket_message_frames_max; ++i) {
    stream += frame(Opcode::continuation, 0, false) + frame(Opcode::ping, 0);
  }
  EXPECT_EQ(look(stream, 100, 7).stop, Stop::none);
  const auto seen = look(stream + frame(Opcode::continuation, 0), 100, 7);
  EXPECT_EQ(seen.stop, Stop::too_many);
  EXPECT_EQ(seen.pass, stream.size() + 5);
  EXPECT_EQ(look(stream + frame(Opcode::text, 0) + stream, 100, 7).stop, Stop::none) << "counted anew";
}

TEST(FrameScanTest, ALargeMessageMayHaveMoreFrames) {
  std::string stream;  // 4 MiB, cut as Beast's clients cut it
  for (std::size_t i = 0; i < 1024; ++i) stream += frame(i == 0 ? Opcode::text : Opcode::continuation, 4096, false);
  EXPECT_EQ(look(stream, 4u << 20, 100'000).stop, Stop::none);
  const auto half = frame(Opcode::continuation, limits::websocket_frame_bytes_usual / 2, false);
  std::string smaller = frame(Opcode::text, 0, false);
  for (std::size_t i = 0; i < 3 * limits::websocket_message_frames_max; ++i) smaller += half;
  EXPECT_EQ(look(smaller, 4u << 20, 100'000).stop, Stop::too_many);
}

TEST(FrameScanTest, TheLargestLengthsDoNotOverflow) {
  for (const auto* length : {"\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\x01\x01\x01\x01\x01\x01\x05"}) {
    EXPECT_EQ(look(frame(Opcode::text, 1, false) + "\x80\xff" + length + "mask", 100, 3).stop, Stop::too_big);
  }
}

TEST(FrameScanTest, LeavesOtherMistakesToTheReader) {
  const std::string unmasked =
      "\x81\x01"
      "1";
  EXPECT_EQ(look(unmasked, 100, 1).pass, unmasked.size());
}

}  // namespace
}  // namespace skep
