// How a reader is used; what it reads is in the tables of websocket_framing_test.cpp and the others beside it.

#include "websocket/websocket_reader.hpp"

#include <gtest/gtest.h>

#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_reader_test {

using namespace testing;
using Kind = WebSocketEvent::Kind;

TEST(WebSocketReaderTest, GivesOneEventAfterTheOther) {
  auto stream = wire({text("one"), ping("two"), binary("three")}, Role::server);
  const auto text_size = wire(text("one"), Role::server).size();
  WebSocketReader reader({});
  std::span<char> in(stream);
  auto event = reader.next(in);
  EXPECT_EQ(event.kind, Kind::piece);
  EXPECT_EQ(event.bytes, "one");
  EXPECT_TRUE(event.is_text && event.first && event.last);
  EXPECT_EQ(in.size(), stream.size() - text_size);
  event = reader.next(in);
  EXPECT_EQ(event.kind, Kind::ping);
  EXPECT_EQ(event.bytes, "two");
  event = reader.next(in);
  EXPECT_EQ(event.bytes, "three");
  EXPECT_FALSE(event.is_text);
  EXPECT_TRUE(in.empty());
  EXPECT_EQ(reader.next(in).kind, Kind::none);
}

TEST(WebSocketReaderTest, LeavesWhatFollowsAsItIs) {
  auto stream = wire({text("one"), text("two")}, Role::server);
  const auto second = wire(text("two"), Role::server);
  WebSocketReader reader({});
  std::span<char> in(stream);
  static_cast<void>(reader.next(in));
  EXPECT_EQ(std::string(in.begin(), in.end()), second);
  std::string elsewhere(in.begin(), in.end());  // it may be read later, and from another place
  in = elsewhere;
  EXPECT_EQ(reader.next(in).bytes, "two");
}

TEST(WebSocketReaderTest, UnmasksInPlaceAndCopiesNothing) {
  auto stream = wire(binary(std::string(1000, 'b')), Role::server);
  WebSocketReader reader({});
  std::span<char> in(stream);
  const auto event = reader.next(in);
  EXPECT_EQ(event.bytes.data(), stream.data() + 8);
  EXPECT_EQ(event.bytes, std::string(1000, 'b'));
}

TEST(WebSocketReaderTest, APieceComesAsSoonAsItIsHere) {
  auto stream = wire({text_begin("abc"), end("def")}, Role::server);
  const auto frame_size = stream.size() / 2;
  WebSocketReader reader({});
  std::vector<std::string> pieces;
  const auto feed = [&](std::size_t from, std::size_t to) {
    auto in = std::span(stream).subspan(from, to - from);
    for (auto event = reader.next(in); event.kind != Kind::none; event = reader.next(in)) {
      pieces.push_back((event.first ? "first " : "") + std::string(event.bytes) + (event.last ? " last" : ""));
    }
  };
  feed(0, 8);
  EXPECT_EQ(pieces, (std::vector<std::string>{"first ab"}));
  feed(8, frame_size);
  EXPECT_EQ(pieces.back(), "c");
  feed(frame_size, frame_size + 6);
  EXPECT_EQ(pieces.size(), 2u) << "a header alone is no piece";
  feed(frame_size + 6, stream.size());
  EXPECT_EQ(pieces.back(), "def last");
}

TEST(WebSocketReaderTest, AnEmptyLastFrameIsAnEmptyLastPiece) {
  auto stream = wire({text_begin(), more("a"), more(), end()}, Role::server);
  WebSocketReader reader({});
  std::span<char> in(stream);
  auto event = reader.next(in);
  EXPECT_TRUE(event.first && !event.last);
  EXPECT_EQ(event.bytes, "a");
  event = reader.next(in);
  EXPECT_TRUE(!event.first && event.last);
  EXPECT_TRUE(event.bytes.empty());
  EXPECT_EQ(event.kind, Kind::piece);
}

TEST(WebSocketReaderTest, KnowsWhatHasBegunAndNotEnded) {
  auto stream = wire({text("one"), text_begin("tw"), ping("ping"), end(), pong()}, Role::server);
  const auto first = wire(text("one"), Role::server).size();
  const auto last = stream.size() - wire(pong(), Role::server).size();
  WebSocketReader reader({});
  EXPECT_FALSE(reader.within());
  for (std::size_t at = 0; at < stream.size(); ++at) {
    auto in = std::span(stream).subspan(at, 1);
    for (auto event = reader.next(in); event.kind != Kind::none; event = reader.next(in)) {
    }
    EXPECT_EQ(reader.within(), at + 1 != first && at + 1 != last && at + 1 != stream.size()) << at;
  }
}

TEST(WebSocketReaderTest, BetweenTwoEventsNothingHasBegun) {
  auto stream = wire({text("one"), text_begin("two")}, Role::server);
  WebSocketReader reader({});
  std::span<char> in(stream);
  static_cast<void>(reader.next(in));
  EXPECT_FALSE(reader.within()) << "the next is not looked at";
  static_cast<void>(reader.next(in));
  EXPECT_TRUE(reader.within());
}

TEST(WebSocketReaderTest, PassesOverWhatFollowsACloseOrAMistake) {
  for (const auto& last : {close(1000), frame(0x83), close(999), wrongly_masked(text("a"))}) {
    auto stream = wire({last, text("more")}, Role::server);
    WebSocketReader reader({});
    std::span<char> in(stream);
    EXPECT_FALSE(reader.ended());
    EXPECT_NE(reader.next(in).kind, Kind::none);
    EXPECT_TRUE(reader.ended());
    EXPECT_FALSE(reader.within());
    EXPECT_FALSE(in.empty());
    EXPECT_EQ(reader.next(in).kind, Kind::none);
    EXPECT_TRUE(in.empty());
  }
}

TEST(WebSocketReaderTest, ACloseIsSeenBeforeWhatFollowsIsRead) {
  auto stream = wire({text("a"), close(1001, "leaving"), text("b")}, Role::server);
  WebSocketReader reader({});
  std::span<char> in(stream);
  static_cast<void>(reader.next(in));
  const auto event = reader.next(in);
  EXPECT_EQ(event.kind, Kind::close);
  EXPECT_EQ(event.code, WebSocketCloseCode::going_away);
  EXPECT_EQ(event.bytes, "leaving");
  EXPECT_EQ(in.size(), wire(text("b"), Role::server).size());
}

}  // namespace websocket_reader_test
}  // namespace skep
