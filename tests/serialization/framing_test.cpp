#include "skep/serialization/framing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace skep {
namespace framing_test {

using namespace std::string_view_literals;

std::vector<std::string> taken(FrameParser& parser) {
  std::vector<std::string> frames;
  for (;;) {
    const auto frame = parser.next();
    if (!frame || !*frame) return frames;
    frames.emplace_back(**frame);
  }
}

std::vector<std::string> frames_of(Framing framing, std::string_view bytes) {
  FrameParser parser(framing);
  parser.feed(bytes);
  return taken(parser);
}

using Frames = std::vector<std::string>;

TEST(FrameParserTest, CutsLinesAtLineEnds) {
  EXPECT_EQ(frames_of(Framing::line, "a\nbc\r\n\nd\re\n"), (Frames{"a", "bc", "", "d\re"}));
}

TEST(FrameParserTest, CutsFramesByTheirLength) {
  EXPECT_EQ(frames_of(Framing::length, "\0\0\0\1a\0\0\0\0\0\0\0\2b\n"sv), (Frames{"a", "", "b\n"}));
}

TEST(FrameParserTest, KeepsTheRest) {
  FrameParser parser(Framing::line);
  parser.feed("whole\nunended");
  EXPECT_EQ(taken(parser), Frames{"whole"});
  EXPECT_EQ(parser.rest(), "unended");
  EXPECT_EQ(parser.buffered(), 7u);
  parser.feed(" line\n");
  EXPECT_EQ(taken(parser), Frames{"unended line"});
  EXPECT_EQ(parser.rest(), "");
}

TEST(FrameParserTest, TakesFramesFromWhereTheyWereLent) {
  FrameParser parser(Framing::line);
  std::string bytes = "one\ntwo\nunended";
  parser.lend(bytes);
  const auto frame = parser.next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->data(), bytes.data());
  EXPECT_EQ(taken(parser), Frames{"two"});
  EXPECT_EQ(parser.buffered(), 7u);
  parser.trim();
  bytes.assign(bytes.size(), '\n');
  EXPECT_EQ(parser.rest(), "unended");
  parser.lend(" line\nnext\n");  // behind what is buffered
  EXPECT_EQ(taken(parser), (Frames{"unended line", "next"}));
  parser.lend("a\nb");
  EXPECT_EQ(taken(parser), Frames{"a"});
  parser.feed("c\n");  // which keeps what was lent before
  EXPECT_EQ(taken(parser), Frames{"bc"});
  parser.lend("gone");
  parser.clear();
  EXPECT_EQ(parser.rest(), "");
}

TEST(FrameParserTest, HoldsNoMemoryForWhatWasLentAndTaken) {
  FrameParser parser(Framing::length);
  const auto none = parser.memory();
  parser.lend("\0\0\0\2{}\0\0\0\2[]"sv);
  EXPECT_EQ(taken(parser), (Frames{"{}", "[]"}));
  parser.trim();
  EXPECT_EQ(parser.memory(), none);
}

TEST(FrameParserTest, TakesALineOfFrameBytesMaxAndNoLonger) {
  for (const auto end : {"\n"sv, "\r\n"sv}) {
    FrameParser parser(Framing::line, 5);
    parser.feed("12345");
    parser.feed(end);
    EXPECT_EQ(taken(parser), Frames{"12345"});
    parser.feed("123456");
    parser.feed(end);
    const auto frame = parser.next();
    ASSERT_FALSE(frame.ok());
    EXPECT_EQ(frame.error().code, errc::too_large);
    EXPECT_EQ(frame.error().message, "the line is longer than frame_bytes_max, which is 5 bytes");
  }
}

TEST(FrameParserTest, RefusesALineBeforeItsEndIsSeen) {
  FrameParser parser(Framing::line, 5);
  parser.feed("123456");
  EXPECT_TRUE(parser.next().ok());  // the sixth may be a CR
  parser.feed("7");
  EXPECT_FALSE(parser.next().ok());
}

TEST(FrameParserTest, PassesOverALineOverTheLimitWhereAskedAndSaysSoOnce) {
  const auto bytes = "1\n1234567\n2\r\n12345678901234567890\n\n3"sv;
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    FrameParser parser(Framing::line, 5, AfterTooLong::next);
    Frames frames;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      parser.feed(bytes.substr(at, step));
      for (;;) {
        const auto frame = parser.next();
        if (frame && !*frame) break;
        ASSERT_LT(frames.size(), 6u);
        frames.emplace_back(frame ? std::string(**frame) : "too long");
      }
      EXPECT_LE(parser.buffered(), 6 + step);
    }
    EXPECT_EQ(frames, (Frames{"1", "too long", "2", "too long", ""})) << step;
    EXPECT_EQ(parser.rest(), "3");
  }
}

TEST(FrameParserTest, RefusesALengthOverFrameBytesMaxAtOnce) {
  FrameParser parser(Framing::length, 5);
  parser.feed("\0\0\0\5"sv);
  EXPECT_TRUE(parser.next().ok());
  parser.feed("12345\0\0\0\6"sv);
  EXPECT_EQ(taken(parser), Frames{"12345"});
  EXPECT_EQ(parser.next().error().message, "the frame is longer than frame_bytes_max, which is 5 bytes");
  FrameParser other(Framing::length);
  other.feed("\xFF\xFF\xFF\xFF");
  EXPECT_EQ(other.next().error().code, errc::too_large);
}

TEST(FrameParserTest, TakesNoMoreAfterAnError) {
  FrameParser parser(Framing::line, 2);
  parser.feed("123456\nok\n");
  EXPECT_FALSE(parser.next().ok());
  parser.feed("ok\n");
  EXPECT_FALSE(parser.next().ok());
  EXPECT_EQ(parser.buffered(), 0u);
}

TEST(FrameParserTest, PassesOverAFrameThatIsNotWantedAndTakesTheNext) {
  for (const auto framing : {Framing::line, Framing::length}) {
    std::string stream, rest;
    ASSERT_TRUE(append_frame(framing, std::string(1000, 'x'), stream).ok());
    FrameParser parser(framing);
    parser.feed(std::string_view(stream).substr(0, 700));
    EXPECT_EQ(taken(parser), Frames{});
    parser.pass_over();
    EXPECT_TRUE(parser.passing_over());
    EXPECT_EQ(parser.buffered(), 0u);
    ASSERT_TRUE(append_frame(framing, "next", rest).ok());
    parser.feed(std::string_view(stream).substr(700, 100));
    EXPECT_EQ(taken(parser), Frames{});
    EXPECT_TRUE(parser.passing_over());
    parser.feed(stream.substr(800) + rest);
    EXPECT_EQ(taken(parser), Frames{"next"});
    EXPECT_FALSE(parser.passing_over());
  }
}

TEST(FrameParserTest, ALengthThatIsOnlyAnnouncedTakesNoMemory) {
  FrameParser parser(Framing::length);
  parser.feed("\0\x3f\xff\xff"sv);
  EXPECT_EQ(taken(parser), Frames{});
  EXPECT_LT(parser.memory(), 64u);
  parser.feed(std::string(1000, 'x'));
  EXPECT_EQ(taken(parser), Frames{});
  EXPECT_LT(parser.memory(), 4096u);
}

TEST(FrameParserTest, GivesBackTheMemoryOfALargeFrameOnceItIsTaken) {
  FrameParser parser(Framing::line);
  parser.feed(std::string(1'000'000, 'x') + "\nrest");
  EXPECT_EQ(taken(parser).size(), 1u);
  EXPECT_GT(parser.memory(), 1'000'000u);
  parser.trim();
  EXPECT_LT(parser.memory(), 1024u);
  EXPECT_EQ(parser.rest(), "rest");
  parser.feed(" of it\n");
  EXPECT_EQ(taken(parser), Frames{"rest of it"});
}

TEST(FrameParserTest, TakesFramesOfTheDefaultLimit) {
  FrameParser parser(Framing::line);
  const std::string line(limits::frame_bytes_max, 'x');
  parser.feed(line);
  parser.feed("\n");
  const auto frame = parser.next();
  ASSERT_TRUE(frame.ok() && *frame);
  EXPECT_EQ((*frame)->size(), line.size());
}

TEST(FrameParserTest, ReadsAByteAtATime) {
  for (const auto framing : {Framing::line, Framing::length}) {
    std::string stream;
    Frames expected;
    for (std::size_t size = 0; size < 300; ++size) {
      expected.emplace_back(size, 'x');
      ASSERT_TRUE(append_frame(framing, expected.back(), stream).ok());
    }
    FrameParser parser(framing);
    Frames frames;
    for (const char byte : stream) {
      parser.feed({&byte, 1});
      for (auto& frame : taken(parser)) frames.push_back(std::move(frame));
    }
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(parser.buffered(), 0u);
  }
}

TEST(FrameParserTest, TakesWorkInProportionToTheBytes) {
  // One line of the default limit, a byte at a time: rescanning it each time would be 10^13 steps.
  FrameParser parser(Framing::line);
  for (std::size_t i = 0; i < limits::frame_bytes_max; ++i) {
    parser.feed("x");
    ASSERT_FALSE(parser.next().value().has_value());
  }
  parser.feed("\n");
  EXPECT_EQ(parser.next().value()->size(), limits::frame_bytes_max);
}

TEST(FrameParserTest, FramesAreTheSameUnderEverySplit) {
  EXPECT_TRUE(rc::check("frames -> bytes -> splits -> frames", [] {
    const auto framing = *rc::gen::element(Framing::line, Framing::length);
    auto expected = *rc::gen::arbitrary<std::vector<std::string>>();
    std::string stream;
    for (auto& frame : expected) {
      if (framing == Framing::line) {
        std::replace(frame.begin(), frame.end(), '\n', ' ');
        std::replace(frame.begin(), frame.end(), '\r', ' ');
      }
      RC_ASSERT(append_frame(framing, frame, stream).ok());
    }
    FrameParser parser(framing);
    Frames frames;
    for (std::string_view left = stream; !left.empty();) {
      const auto size = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(left.size(), 7) + 1);
      parser.feed(left.substr(0, size));
      left.remove_prefix(size);
      const auto lazy = *rc::gen::arbitrary<bool>();
      if (lazy) continue;
      for (auto& frame : taken(parser)) frames.push_back(std::move(frame));
    }
    for (auto& frame : taken(parser)) frames.push_back(std::move(frame));
    RC_ASSERT(frames == expected);
  }));
}

TEST(AppendFrameTest, RefusesALineEndInALine) {
  std::string out = "before";
  const auto appended = append_frame(Framing::line, "two\nlines", out);
  ASSERT_FALSE(appended.ok());
  EXPECT_EQ(appended.error().code, errc::bad_record);
  EXPECT_EQ(appended.error().message, "a line cannot hold a line end, as this one does at byte 3");
  EXPECT_EQ(out, "before");
}

TEST(AppendFrameTest, RefusesALengthThatDoesNotFit) {
  std::string out;
  const std::string_view huge("", std::size_t{UINT32_MAX} + 1);  // never read
  EXPECT_EQ(append_frame(Framing::length, huge, out).error().code, errc::too_large);
  EXPECT_TRUE(out.empty());
}

TEST(AppendFrameTest, WritesTheLengthBigEndian) {
  std::string out;
  ASSERT_TRUE(append_frame(Framing::length, std::string(258, 'x'), out).ok());
  EXPECT_EQ(out.substr(0, 5), "\0\0\1\2x"sv);
}

TEST(Utf8Test, TellsValidFromInvalid) {
  for (const auto text : {""sv, "a\0b"sv, "\u00E9"sv, "\uFFFD"sv, "\U0010FFFF"sv}) EXPECT_TRUE(is_utf8(text));
  for (const auto text : {"\x80"sv, "\xC0\x80"sv, "\xC3"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv, "\xFF"sv}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace framing_test
}  // namespace skep
