#include "link/link_frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>

namespace skep {
namespace link_frame_test {

constexpr std::size_t frame_max = limits::link_frame_bytes_max;
using Bytes = std::vector<std::byte>;

/// Words that tell where they are, so that none can take another's place unseen.
Buffer framed(std::size_t bytes) {
  auto frames = allocate_frames(bytes);
  const auto message = message_of(frames);
  EXPECT_EQ(message.size(), bytes);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(message.data()) % 8, 0u);
  for (std::uint64_t at = 0; at < bytes; at += 8) {
    const auto word = at * 0x9E3779B97F4A7C15 + bytes;
    std::memcpy(message.data() + at, &word, sizeof word);
  }
  return frames;
}

std::size_t pieces(const Buffer& frames) {
  std::size_t count = 0;
  each_piece(frames, [&](std::span<const std::byte>) { ++count; });
  return count;
}

void append(Bytes& stream, const Buffer& frames) {
  each_piece(frames,
             [&](std::span<const std::byte> piece) { stream.insert(stream.end(), piece.begin(), piece.end()); });
}

Bytes header(std::uint32_t length, std::uint8_t flags = 0, std::array<std::uint8_t, 3> reserved = {}) {
  Bytes bytes(link_header_bytes);
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes[4] = std::byte{flags};
  std::memcpy(bytes.data() + 5, reserved.data(), reserved.size());
  return bytes;
}

struct Outcome {
  std::vector<Bytes> messages;
  std::string problem;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void take(LinkFrameReader& reader, Outcome& outcome) {
  for (;;) {
    auto next = reader.next();
    if (!next) outcome.problem = next.error().message;
    if (!next || !*next) return;
    const auto bytes = (*next)->bytes();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 8, 0u);
    outcome.messages.emplace_back(bytes.begin(), bytes.end());
  }
}

/// At most `read_bytes` at a time.
void feed(LinkFrameReader& reader, std::span<const std::byte> stream, std::size_t read_bytes, Outcome& outcome) {
  while (!stream.empty() && outcome.problem.empty()) {
    const auto room = reader.room();
    ASSERT_FALSE(room.empty());
    const auto count = std::min({room.size(), read_bytes, stream.size()});
    std::ranges::copy(stream.first(count), room.begin());
    reader.filled(count);
    stream = stream.subspan(count);
    take(reader, outcome);
  }
}

Outcome read(std::span<const std::byte> stream, std::size_t read_bytes = SIZE_MAX) {
  LinkFrameReader reader;
  Outcome outcome;
  feed(reader, stream, read_bytes, outcome);
  return outcome;
}

Bytes message_in(const Buffer& frames) {
  auto copy = frames;
  const auto message = message_of(copy);
  return {message.begin(), message.end()};
}

TEST(LinkFrameTest, AMessageIsOnePieceWithItsLengthBefore) {
  auto frames = framed(16);
  EXPECT_EQ(pieces(frames), 1u);
  const auto bytes = frames.bytes();
  EXPECT_EQ(bytes.size(), 24u);
  EXPECT_TRUE(std::ranges::equal(bytes.first(8), header(16)));
  EXPECT_EQ(message_of(frames).data(), bytes.data() + 8);
}

TEST(LinkFrameTest, AMessageAsLargeAsAFrameIsStillOnePiece) {
  EXPECT_EQ(pieces(framed(frame_max)), 1u);
  EXPECT_EQ(pieces(framed(frame_max + 8)), 3u);
}

TEST(LinkFrameTest, ALargerMessageGoesInChunksOfLinkFrameBytesMaxAndARest) {
  const auto frames = framed(3 * frame_max);
  Bytes stream;
  append(stream, frames);
  ASSERT_EQ(stream.size(), 3 * (frame_max + 8));
  const auto at = [&](std::size_t frame) { return std::span(stream).subspan(frame * (frame_max + 8), 8); };
  EXPECT_TRUE(std::ranges::equal(at(0), header(frame_max, 1)));
  EXPECT_TRUE(std::ranges::equal(at(1), header(frame_max, 1)));
  EXPECT_TRUE(std::ranges::equal(at(2), header(frame_max)));
  EXPECT_EQ(read(stream), (Outcome{{message_in(frames)}, ""}));
}

TEST(LinkFrameTest, PiecesAreOfTheBufferOrOfNone) {
  const auto frames = framed(2 * frame_max + 8);
  const auto whole = frames.bytes();
  each_piece(frames, [&](std::span<const std::byte> piece) {
    const bool within = piece.data() >= whole.data() && piece.data() + piece.size() <= whole.data() + whole.size();
    EXPECT_TRUE(within || piece.data() == chunk_header().data());
  });
}

TEST(LinkFrameTest, EveryCutOfTheStreamGivesTheSame) {
  Bytes stream;
  Outcome expected;
  for (const std::size_t bytes : {8, 40, 8, 264}) {
    const auto frames = framed(bytes);
    append(stream, frames);
    expected.messages.push_back(message_in(frames));
  }
  EXPECT_EQ(read(stream), expected);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    LinkFrameReader reader;
    Outcome outcome;
    feed(reader, std::span(stream).first(cut), SIZE_MAX, outcome);
    feed(reader, std::span(stream).subspan(cut), SIZE_MAX, outcome);
    EXPECT_EQ(outcome, expected) << cut;
    EXPECT_EQ(read(stream, cut), expected) << cut;
  }
}

TEST(LinkFrameTest, EveryStreamReadsBackHoweverItIsSplit) {
  EXPECT_TRUE(rc::check("messages -> stream -> messages", [] {
    Bytes stream;
    Outcome expected;
    const auto count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      const auto words = *rc::gen::element(1, 3, 2047, 2048, 2049, 4095, 131'071, 131'072, 131'073, 300'000);
      const auto frames = framed(static_cast<std::size_t>(words) * 8);
      append(stream, frames);
      expected.messages.push_back(message_in(frames));
    }
    const auto read_bytes = *rc::gen::element<std::size_t>(977, 16'383, 16'384, 16'385, 100'000, SIZE_MAX);
    RC_ASSERT(read(stream, read_bytes) == expected);
  }));
}

TEST(LinkFrameTest, ReadsIntoTheFrameWhereMuchOfItIsMissing) {
  LinkFrameReader reader;
  EXPECT_EQ(reader.room().size(), limits::link_read_bytes);
  Outcome outcome;
  feed(reader, header(limits::link_read_bytes), SIZE_MAX, outcome);
  EXPECT_EQ(reader.room().size(), limits::link_read_bytes);  // no further than the frame
  const auto* first = reader.room().data();
  reader.filled(8);
  take(reader, outcome);
  EXPECT_EQ(reader.room().size(), limits::link_read_bytes) << "too little of it is missing";
  const Bytes rest(limits::link_read_bytes - 8);
  feed(reader, rest, SIZE_MAX, outcome);
  ASSERT_EQ(outcome.messages.size(), 1u);
  EXPECT_NE(reader.room().data(), first);
}

TEST(LinkFrameTest, AMessageIsInMemoryOfItsOwn) {
  Bytes stream;
  append(stream, framed(8));
  append(stream, framed(16));
  LinkFrameReader reader;
  std::ranges::copy(stream, reader.room().begin());
  reader.filled(stream.size());
  const auto one = reader.next(), other = reader.next();
  EXPECT_EQ((*one)->bytes().size(), 8u);
  EXPECT_EQ((*other)->bytes().size(), 16u);
}

TEST(LinkFrameTest, RefusesALengthOverLinkFrameBytesMaxAtOnce) {
  EXPECT_EQ(read(header(UINT32_MAX)).problem,
            "the frame has 4294967295 bytes; the limit link_frame_bytes_max is 1048576");
  EXPECT_EQ(read(header(frame_max + 8)).problem,
            "the frame has 1048584 bytes; the limit link_frame_bytes_max is 1048576");
  EXPECT_EQ(read(header(frame_max)).problem, "");
}

TEST(LinkFrameTest, RefusesALengthThatIsNoWholeNumberOfWords) {
  for (const std::uint32_t length : {0, 1, 7, 9, 12}) {
    EXPECT_EQ(read(header(length)).problem,
              "malformed frame: a length of " + std::to_string(length) + " bytes, which is no multiple of 8 from 8 on");
  }
}

TEST(LinkFrameTest, RefusesUnknownFlags) {
  EXPECT_EQ(read(header(8, 2)).problem, "malformed frame: unknown flags 2");
  EXPECT_EQ(read(header(frame_max, 0x81)).problem, "malformed frame: unknown flags 129");
}

TEST(LinkFrameTest, RefusesReservedBytesThatAreNotZero) {
  for (std::size_t i = 0; i < 3; ++i) {
    std::array<std::uint8_t, 3> reserved{};
    reserved[i] = 1;
    EXPECT_EQ(read(header(8, 0, reserved)).problem, "malformed frame: reserved bytes that are not zero");
  }
}

TEST(LinkFrameTest, RefusesAShortFrameThatIsNotTheLast) {
  EXPECT_EQ(read(header(16, 1)).problem,
            "malformed frame: one of 16 bytes, and more follows; then it has all of 1048576");
}

TEST(LinkFrameTest, RefusesAMessageOverLinkMessageBytesMax) {
  const auto chunks = limits::link_message_bytes_max / frame_max;
  auto chunk = header(frame_max, 1);
  chunk.resize(chunk.size() + frame_max);
  LinkFrameReader reader;
  Outcome outcome;
  for (std::size_t i = 0; i < chunks; ++i) feed(reader, chunk, SIZE_MAX, outcome);
  EXPECT_EQ(outcome, Outcome{});
  feed(reader, header(8), SIZE_MAX, outcome);
  EXPECT_EQ(outcome.problem, "the message has 68157448 bytes; the limit link_message_bytes_max is 68157440");
}

TEST(LinkFrameTest, ItsFirstMessageIsNoLongerThanLinkHelloBytesMax) {
  const auto told = "the first message has 131080 bytes; the limit link_hello_bytes_max is 131072";
  LinkFrameReader reader(LinkFrameReader::Take::hello);
  Outcome outcome;
  Bytes longest;
  append(longest, framed(limits::link_hello_bytes_max));
  feed(reader, longest, SIZE_MAX, outcome);
  EXPECT_EQ(outcome.messages.size(), 1u);
  feed(reader, header(limits::link_hello_bytes_max + 8), SIZE_MAX, outcome);
  EXPECT_EQ(outcome.problem, told);
  LinkFrameReader chunked(LinkFrameReader::Take::hello);
  Outcome in_chunks;
  feed(chunked, header(frame_max, 1), SIZE_MAX, in_chunks);
  EXPECT_EQ(in_chunks.problem, "the first message has 1048576 bytes; the limit link_hello_bytes_max is 131072");
  LinkFrameReader joined(LinkFrameReader::Take::hello);
  Outcome all;
  feed(joined, longest, SIZE_MAX, all);
  joined.take(LinkFrameReader::Take::all);
  Bytes large;
  append(large, framed(2 * frame_max));
  feed(joined, large, SIZE_MAX, all);
  EXPECT_EQ(all.messages.size(), 2u);
  EXPECT_EQ(all.problem, "");
}

TEST(LinkFrameTest, AMessageOfLinkMessageBytesMaxPasses) {
  const auto frames = framed(limits::link_message_bytes_max);
  Bytes stream;
  append(stream, frames);
  const auto outcome = read(stream);
  ASSERT_EQ(outcome.messages.size(), 1u);
  EXPECT_EQ(outcome.messages[0], message_in(frames));
}

TEST(LinkFrameTest, CountsAnewAfterAMessageInChunks) {
  Bytes stream;
  for (int i = 0; i < 2; ++i) append(stream, framed(limits::link_message_bytes_max));
  append(stream, framed(8));
  EXPECT_EQ(read(stream).messages.size(), 3u);
}

TEST(LinkFrameTest, SaysAgainWhatWasWrong) {
  LinkFrameReader reader;
  Outcome outcome;
  auto stream = header(8, 2);
  append(stream, framed(8));
  feed(reader, stream, SIZE_MAX, outcome);
  EXPECT_FALSE(reader.room().empty());
  reader.filled(reader.room().size());
  for (int i = 0; i < 2; ++i) {
    const auto next = reader.next();
    ASSERT_FALSE(next.ok());
    EXPECT_EQ(next.error().code, errc::bad_record);
    EXPECT_EQ(next.error().message, "malformed frame: unknown flags 2");
  }
  EXPECT_TRUE(outcome.messages.empty());
}

TEST(LinkFrameTest, TellsWhatIsTooLargeFromWhatIsWrong) {
  const auto code = [](const Bytes& stream) {
    LinkFrameReader reader;
    std::ranges::copy(stream, reader.room().begin());
    reader.filled(stream.size());
    return reader.next().error().code;
  };
  EXPECT_EQ(code(header(UINT32_MAX)), errc::too_large);
  EXPECT_EQ(code(header(7)), errc::bad_record);
}

}  // namespace link_frame_test
}  // namespace skep
