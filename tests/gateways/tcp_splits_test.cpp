// However a TCP client's bytes are cut on their way: the answers are the same bytes, in the same order.
#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "skep/serialization/framing.hpp"

namespace skep {
namespace tcp_splits_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const auto no_json = AllOf(HasSubstr("bad_record"), HasSubstr("safe"));
const auto too_large = AllOf(HasSubstr("too_large"), HasSubstr("frame_bytes_max, which is 16 bytes"));
const std::string at_the_limit = "\"14 characters.\"";
const std::string one_over = "\"15 characters..\"";

/// What a client does that has sent everything.
enum class Then : std::uint8_t { waits, ends_its_stream };

/// A gateway, and a client of it whose requests and answers show that the gateway has read what others sent before.
class Conversation {
 public:
  Conversation(std::string framing, std::string content)
      : framing_(std::move(framing)),
        hive_(tcp({{"framing", option(framing_)},
                   {"content", option(std::move(content))},
                   {"frame_bytes_max", option("16B")}})),
        other_(hive_.address()) {}

  /// What comes back for these pieces, each read alone, until the gateway closes.
  std::string answers(const std::vector<std::string_view>& pieces, Then then) {
    SocketClient client(hive_.address());
    for (const auto piece : pieces) {
      let_it_read();
      client.send(piece);
    }
    if (then == Then::ends_its_stream) client.end_stream();
    return client.rest();
  }

  /// The same for all of these bytes, however they are cut: byte by byte, and in two at every offset.
  std::string answers_however_cut(std::string_view bytes, Then then) {
    const auto whole = answers({bytes}, then);
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
    EXPECT_EQ(answers(single, then), whole) << "byte by byte";
    for (std::size_t cut = 1; cut < bytes.size() && !::testing::Test::HasFailure(); ++cut) {
      EXPECT_EQ(answers({bytes.substr(0, cut), bytes.substr(cut)}, then), whole) << "cut at " << cut;
    }
    return whole;
  }

 private:
  void let_it_read() {
    other_.send(framing_ == "line" ? "0\n" : framed("0"));
    EXPECT_EQ(framing_ == "line" ? other_.line() : unframed(other_), "0");
  }

  std::string framing_;
  Hive hive_;
  SocketClient other_;
};

Texts lines_of(std::string_view bytes) {
  Texts lines;
  for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    lines.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  EXPECT_EQ(bytes, "");
  return lines;
}

Texts frames_of(std::string_view bytes) {
  Texts frames;
  while (bytes.size() >= 4) {
    const auto size = read_frame_length(bytes);
    frames.emplace_back(bytes.substr(4, size));
    bytes.remove_prefix(std::min(bytes.size(), 4 + size));
  }
  EXPECT_EQ(bytes, "");
  return frames;
}

TEST(TcpSplitsTest, LinesAreAnsweredTheSame) {
  Conversation lines("line", "json");
  const auto bytes =
      "1\n[1, 2]\r\n\n" + at_the_limit + "\n" + at_the_limit + "\r\nnope\n\r\n[3] \r\n" + one_over + "\n4\n";
  EXPECT_THAT(lines_of(lines.answers_however_cut(bytes, Then::waits)),
              ElementsAre("1", "[1, 2]", no_json, at_the_limit, at_the_limit, no_json, no_json, "[3] ", too_large))
      << "nothing comes after one that is too long";
}

TEST(TcpSplitsTest, LinesOfAClientThatEndsItsStreamAreAnsweredTheSame) {
  Conversation lines("line", "json");
  const auto bytes = "1\n[1, 2]\r\n" + at_the_limit + "\r\n{\"a\"\n" + at_the_limit;
  EXPECT_THAT(lines_of(lines.answers_however_cut(bytes, Then::ends_its_stream)),
              ElementsAre("1", "[1, 2]", at_the_limit, no_json, at_the_limit))
      << "the last one needs no end";
}

TEST(TcpSplitsTest, RawLinesAreAnsweredTheSame) {
  Conversation lines("line", "raw");
  EXPECT_THAT(lines_of(lines.answers_however_cut("a\rb\n\n\r\n\r\r\n\xff\xfe\n", Then::ends_its_stream)),
              ElementsAre("a\rb", "", "", "\r", "\xff\xfe"));
}

TEST(TcpSplitsTest, FramesWithTheirLengthAreAnsweredTheSame) {
  Conversation frames("length", "json");
  const auto bytes = framed("1") + framed("[1,\r\n 2]") + framed("") + framed(at_the_limit) + framed("nope") +
                     framed("[3]") + framed(one_over) + framed("4");
  EXPECT_THAT(frames_of(frames.answers_however_cut(bytes, Then::waits)),
              ElementsAre("1", "[1,\r\n 2]", no_json, at_the_limit, no_json, "[3]", too_large))
      << "nothing comes after one that is too long";
}

TEST(TcpSplitsTest, FramesOfAClientThatEndsItsStreamWithinOneAreAnsweredTheSame) {
  Conversation frames("length", "raw");
  const auto bytes = framed("a\nb") + framed("") + framed(std::string("\0\0\0\1", 4)) + framed(at_the_limit) +
                     framed("5678").substr(0, 7);
  EXPECT_THAT(frames_of(frames.answers_however_cut(bytes, Then::ends_its_stream)),
              ElementsAre("a\nb", "", std::string("\0\0\0\1", 4), at_the_limit,
                          AllOf(HasSubstr("bad_record"), HasSubstr("the stream ended inside a frame"))));
}

}  // namespace tcp_splits_test
}  // namespace skep
