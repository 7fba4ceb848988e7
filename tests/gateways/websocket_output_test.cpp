#include "websocket/websocket_output.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>

#include "websocket/websocket_reader.hpp"

namespace skep {
namespace websocket_output_test {

WebSocketOutput::Message message(std::string_view text, Outgoing what = Outgoing::answer) {
  return {text, true, what};
}

/// Takes as much as it is told from an output, and reads that as a client does.
class Peer {
 public:
  explicit Peer(WebSocketOutput& output) : output_(output) {}

  FrameCounts take(std::size_t bytes_max, std::size_t pieces_max = 64) {
    std::vector<std::string_view> pieces(pieces_max);
    const auto count = output_.gather(pieces);
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count && taken < bytes_max; ++i) {
      EXPECT_FALSE(pieces[i].empty());
      const auto part = pieces[i].substr(0, bytes_max - taken);
      stream_ += part;
      taken += part.size();
    }
    return output_.wrote(taken);
  }
  FrameCounts take_all() {
    FrameCounts all;
    while (!output_.empty()) {
      const auto some = take(SIZE_MAX);
      all.answers += some.answers;
      all.records += some.records;
    }
    return all;
  }
  /// "1", "ping", "pong x", "close 1000 bye"
  std::vector<std::string> heard() {
    std::vector<std::string> all;
    WebSocketReader reader({.role = WebSocketRole::client});
    std::string stream = stream_, text;
    for (std::span<char> in = stream;;) {
      const auto event = reader.next(in);
      switch (event.kind) {
        case WebSocketEvent::Kind::none:
          return all;
        case WebSocketEvent::Kind::piece:
          text += event.bytes;
          if (event.last) all.push_back(std::exchange(text, {}));
          break;
        case WebSocketEvent::Kind::ping:
          all.emplace_back("ping");
          break;
        case WebSocketEvent::Kind::pong:
          all.push_back("pong " + std::string(event.bytes));
          break;
        case WebSocketEvent::Kind::close:
          all.push_back("close " + std::to_string(static_cast<int>(event.code)) + ' ' + std::string(event.bytes));
          break;
        case WebSocketEvent::Kind::error:
          all.push_back("error " + std::string(event.bytes));
          return all;
      }
    }
  }

 private:
  WebSocketOutput& output_;
  std::string stream_;
};

using Heard = std::vector<std::string>;

TEST(WebSocketOutputTest, MessagesGoOutInTheirOrderAndCountWhenTheyAreGone) {
  WebSocketOutput output;
  Peer peer(output);
  EXPECT_TRUE(output.empty());
  for (const auto* text : {"1", "", "333"}) output.push(message(text));
  output.push(message("4", Outgoing::record));
  output.push(message("5", Outgoing::error));
  EXPECT_EQ(output.counts().answers, 3u);
  EXPECT_EQ(output.counts().records, 1u);
  EXPECT_GE(output.memory(), 5 * 3u);
  const auto gone = peer.take(4);  // the first, and a byte of the second
  EXPECT_EQ(gone.answers, 1u);
  EXPECT_EQ(output.counts().answers, 2u);
  const auto rest = peer.take_all();
  EXPECT_EQ(rest.answers, 2u);
  EXPECT_EQ(rest.records, 1u);
  EXPECT_EQ(output.memory(), 0u);
  EXPECT_EQ(peer.heard(), (Heard{"1", "", "333", "4", "5"}));
}

TEST(WebSocketOutputTest, ControlFramesGoBeforeWhatHasNotBegun) {
  WebSocketOutput output;
  Peer peer(output);
  output.push(message("first"));
  output.push(message("second"));
  static_cast<void>(peer.take(3));
  output.pong("x");
  output.ping();
  static_cast<void>(peer.take_all());
  EXPECT_EQ(peer.heard(), (Heard{"first", "pong x", "ping", "second"}));
}

TEST(WebSocketOutputTest, OfPongsThatWaitTheLastOneIsEnough) {
  WebSocketOutput output;
  Peer peer(output);
  for (const auto* text : {"a", "b", "c"}) output.pong(text);
  output.ping();
  output.ping();
  static_cast<void>(peer.take(1));
  output.pong("d");  // "c" has begun
  output.pong("e");
  static_cast<void>(peer.take_all());
  EXPECT_EQ(peer.heard(), (Heard{"pong c", "ping", "pong e"}));
}

TEST(WebSocketOutputTest, BehindACloseNothingGoesOut) {
  WebSocketOutput output;
  Peer peer(output);
  output.push(message("1"));
  output.close(WebSocketCloseCode::going_away, "bye");
  output.push(message("2"));
  output.pong("x");
  output.ping();
  EXPECT_EQ(peer.take_all().answers, 1u);
  EXPECT_TRUE(output.empty());
  EXPECT_EQ(output.counts().answers, 1u) << "one never went";
  EXPECT_EQ(peer.heard(), (Heard{"1", "close 1001 bye"}));
}

/// Which stays where it is, if it is large.
void push_record(WebSocketOutput& output, const std::string& text) {
  const Record record({}, Payload::raw(text));
  output.push({record.text(), true, Outgoing::answer, record});
}

TEST(WebSocketOutputTest, LargeMessagesStayWhereTheyAre) {
  WebSocketOutput output;
  Peer peer(output);
  const std::string large(WebSocketOutput::copied_bytes_max + 1, 'x');
  output.push(message("small"));
  const Record record({}, Payload::raw(large));
  output.push({record.text(), true, Outgoing::answer, record});
  output.push(message("behind"));
  std::array<std::string_view, 8> pieces;
  ASSERT_EQ(output.gather(pieces), 3u);
  EXPECT_EQ(pieces[1].data(), record.text().data());
  EXPECT_GE(output.memory(), large.size() + 11);
  EXPECT_EQ(peer.take_all().answers, 3u);
  EXPECT_EQ(output.memory(), 0u);
  EXPECT_EQ(peer.heard(), (Heard{"small", large, "behind"}));
}

TEST(WebSocketOutputTest, HoweverItIsTakenTheSameIsHeard) {
  EXPECT_TRUE(rc::check("any messages, taken in any pieces, pings between them", [] {
    constexpr int size_max = 2 * static_cast<int>(WebSocketOutput::copied_bytes_max);
    WebSocketOutput output;
    Peer peer(output);
    Heard sent;
    std::uint64_t answers = 0;
    for (const auto size : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, size_max))) {
      sent.emplace_back(static_cast<std::size_t>(size), static_cast<char>('a' + size % 26));
      *rc::gen::arbitrary<bool>() ? push_record(output, sent.back()) : output.push(message(sent.back()));
      if (*rc::gen::inRange(0, 3) == 0) output.ping();
      if (*rc::gen::inRange(0, 3) == 0) output.pong("x");
      answers += peer.take(*rc::gen::inRange<std::size_t>(0, 3000), *rc::gen::inRange<std::size_t>(1, 6)).answers;
    }
    answers += peer.take_all().answers;
    RC_ASSERT(answers == sent.size());
    RC_ASSERT(output.memory() == 0u);
    auto heard = peer.heard();
    std::erase_if(heard, [](const std::string& each) { return each.starts_with("ping") || each.starts_with("pong"); });
    RC_ASSERT(heard == sent);
  }));
}

}  // namespace websocket_output_test
}  // namespace skep
