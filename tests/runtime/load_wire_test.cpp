#include "bench/load_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/gateways/limits.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/serialization/limits.hpp"

namespace skep::bench {
namespace load_wire_test {

using ::testing::HasSubstr;

/// What a server sends: not masked. Short ones only.
std::string frame(int opcode, std::string_view payload, bool last = true) {
  const std::string header{static_cast<char>((last ? 0x80 : 0) | opcode), static_cast<char>(payload.size())};
  return header + std::string(payload);
}

std::string accepted(const std::string& accept) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSEC-WebSocket-Accept:  " +
         accept + " \r\n\r\n";
}

/// The answer to the key that seed 7 makes.
constexpr std::uint64_t seed = 7;
const std::string accept_of_seed = "cPcLWY+4gLLJi7cRlxyfmPRXMi8=";

LoadTarget websocket() {
  return parse_target("ws://127.0.0.1:8080/in").value();
}

std::string key_in(const std::string& request) {
  const std::string name = "Sec-WebSocket-Key: ";
  const auto begin = request.find(name) + name.size();
  return request.substr(begin, request.find('\r', begin) - begin);
}

TEST(LoadTargetTest, ReadsAddresses) {
  const auto tcp = parse_target("tcp://localhost:9000").value();
  EXPECT_EQ(tcp.protocol, LoadTarget::Protocol::tcp);
  EXPECT_EQ(tcp.address.host, "localhost");
  EXPECT_EQ(tcp.address.port, 9000);
  EXPECT_EQ(websocket().path, "/in");
  EXPECT_EQ(parse_target("ws://[::1]:80")->path, "/");
  for (const auto* text : {"tcp://127.0.0.1:9000", "ws://[::1]:80/", "ws://host:1/a?b=c"}) {
    EXPECT_EQ(parse_target(text)->to_string(), text);
    EXPECT_FALSE(parse_target(text)->secure);
  }
  for (const auto* text : {"tls://127.0.0.1:9000", "wss://host:1/a?b=c"}) {
    EXPECT_EQ(parse_target(text)->to_string(), text);
    EXPECT_TRUE(parse_target(text)->secure);
  }
  EXPECT_EQ(parse_target("tls://a:1")->protocol, LoadTarget::Protocol::tcp);
  EXPECT_EQ(parse_target("wss://a:1")->protocol, LoadTarget::Protocol::websocket);
}

TEST(LoadTargetTest, SaysWhatIsWrongWithOthers) {
  const auto problem = [](const char* text) { return parse_target(text).error().message; };
  EXPECT_THAT(problem("tls://a:1/"), HasSubstr("tls://host:port has no path"));
  EXPECT_THAT(problem("http://a:1/"), HasSubstr("expected tcp://host:port or ws://host:port/path"));
  EXPECT_THAT(problem("tcp://a"), HasSubstr("'tcp://a'"));
  EXPECT_THAT(problem("tcp://a:0"), HasSubstr("port 0"));
  EXPECT_THAT(problem("tcp://a:1/x"), HasSubstr("no path"));
  EXPECT_THAT(problem("ws://a:1/x y"), HasSubstr("%20"));
  EXPECT_THAT(problem("ws://a:1/x\r\nHost: b"), HasSubstr("%20"));
  EXPECT_FALSE(parse_target("ws://a\r\nb:1/").ok());
  EXPECT_THAT(problem("127.0.0.1:9000"), HasSubstr("expected tcp://host:port"));
  EXPECT_TRUE(is_address("x://"));
  EXPECT_TRUE(is_address("127.0.0.1:9000"));
  EXPECT_FALSE(is_address("swarms/echo.toml"));
}

TEST(LoadWireTest, LinesAndLengthsGoAndCome) {
  auto target = parse_target("tcp://a:1").value();
  std::string out;
  LoadWire lines(target, seed);
  lines.open(out);
  EXPECT_EQ(out, "");
  EXPECT_TRUE(lines.opened().value());
  EXPECT_TRUE(lines.send("{}", out).ok());
  EXPECT_EQ(out, "{}\n");
  EXPECT_FALSE(lines.send("a\nb", out).ok());
  lines.feed("one\r\ntw");
  EXPECT_EQ(lines.next(out).value(), "one");
  EXPECT_EQ(lines.next(out).value(), std::nullopt);
  target.framing = Framing::length;
  LoadWire lengths(target, seed);
  out.clear();
  EXPECT_TRUE(lengths.send("ab", out).ok());
  EXPECT_EQ(out, std::string("\0\0\0\2ab", 6));
  lengths.feed(out);
  EXPECT_EQ(lengths.next(out).value(), "ab");
}

TEST(LoadWireTest, AnotherFramingIsGuessedFromWhatCannotBeRead) {
  auto target = parse_target("tcp://a:1").value();
  std::string out;
  LoadWire lines(target, seed);
  EXPECT_EQ(lines.at_end(), "the server has closed the connection");
  lines.feed(std::string("\0\0\0\2{}", 6));
  EXPECT_EQ(lines.next(out).value(), std::nullopt);
  EXPECT_EQ(lines.at_end(), "the server has closed the connection, and has sent no whole frame (--framing?)");
  lines.feed("\n");
  EXPECT_TRUE(lines.next(out).value());
  EXPECT_EQ(lines.at_end(), "the server has closed the connection");
  target.framing = Framing::length;
  LoadWire lengths(target, seed);
  lengths.feed("Hello, Ada");
  EXPECT_TRUE(lengths.next(out).error().message.starts_with("what it sends cannot be read (--framing?): the frame is"));
  LoadWire later(target, seed);
  later.feed(std::string("\0\0\0\2{}Hello", 11));
  EXPECT_EQ(later.next(out).value(), "{}");
  EXPECT_TRUE(later.next(out).error().message.starts_with("the frame is"));
}

/// The example of RFC 6455, section 1.3, has a key of its own; this one is checked against Python's hashlib.
TEST(LoadWireTest, ATokenIsTheFirstFrame) {
  auto target = parse_target("tcp://a:1").value();
  target.access.token = "secret";
  std::string lines, lengths;
  LoadWire(target, seed).open(lines);
  EXPECT_EQ(lines, "Bearer secret\n");
  target.framing = Framing::length;
  LoadWire(target, seed).open(lengths);
  EXPECT_EQ(lengths, std::string("\0\0\0\x0d", 4) + "Bearer secret");
}

TEST(LoadWireTest, OnlyAFirstAnswerTellsThatATokenIsWrong) {
  auto target = parse_target("tcp://a:1").value();
  const std::string answer = R"({"error": {"code": "unauthorized", "message": "no"}})"
                             "\n";
  const auto first = [&](const std::string& bytes) {
    LoadWire wire(target, seed);
    wire.feed(bytes);
    std::string out;
    return wire.next(out);
  };
  EXPECT_EQ(first(answer).error().code, errc::unauthorized);
  EXPECT_EQ(first(answer).error().message, "it asks for a token (--token-file)");
  target.access.token = "secret";
  EXPECT_EQ(first(answer).error().message, "it refuses the token of --token-file");
  LoadWire wire(target, seed);
  std::string out;
  wire.feed("{}\n" + answer);
  EXPECT_EQ(wire.next(out).value(), "{}");
  EXPECT_TRUE(wire.next(out).ok());
}

TEST(LoadWireTest, AFirstAnswerTellsThatNoTokenIsAskedFor) {
  auto target = parse_target("tcp://a:1").value();
  target.access.token = "secret";
  LoadWire wire(target, seed);
  wire.feed(R"({"error": {"code": "bad_record", "message": "this gateway asks for no token, and more", "retry": "no"}})"
            "\n");
  std::string out;
  EXPECT_EQ(wire.next(out).error().message, "it asks for no token: --token-file is not for it");
}

class WebSocketWireTest : public ::testing::Test {
 protected:
  /// A frame of a client without its mask, of which not all is zero.
  static std::string unmasked(std::string frame) {
    const auto mask = frame.substr(2, 4);
    EXPECT_NE(mask, std::string(4, '\0'));
    frame.erase(2, 4);
    for (std::size_t i = 2; i < frame.size(); ++i) frame[i] = static_cast<char>(frame[i] ^ mask[(i - 2) % 4]);
    return frame;
  }
  void open() {
    std::string request;
    wire_.open(request);
    EXPECT_THAT(request, ::testing::StartsWith("GET /in HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
    EXPECT_EQ(key_in(request), "p2LO9t1sgUbh5D7xb/4YyQ==");
    wire_.feed(accepted(accept_of_seed));
    ASSERT_TRUE(wire_.opened().value());
  }
  std::vector<std::string> messages(const std::string& bytes) {
    wire_.feed(bytes);
    std::vector<std::string> all;
    for (auto next = wire_.next(out_);; next = wire_.next(out_)) {
      if (!next) return all.push_back("error: " + next.error().message), all;
      if (!*next) return all;
      all.emplace_back(**next);
    }
  }

  const LoadTarget target_ = websocket();
  LoadWire wire_{target_, seed};
  std::string out_;
};

TEST_F(WebSocketWireTest, MessagesComeWholeHoweverTheyAreCut) {
  const auto bytes = accepted(accept_of_seed) + frame(1, "one") + frame(1, "") + frame(2, "tw", false) +
                     frame(9, "in between") + frame(0, "", false) + frame(0, "o") + frame(1, "three");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    LoadWire wire(target_, seed);
    std::vector<std::string> got;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      wire.feed(std::string_view(bytes).substr(at, step));
      if (!wire.opened().value()) continue;
      while (const auto next = wire.next(out_).value()) got.emplace_back(*next);
    }
    EXPECT_EQ(got, (std::vector<std::string>{"one", "", "two", "three"})) << step;
  }
}

TEST_F(WebSocketWireTest, PingsAreAnsweredInFramesThatAreMasked) {
  open();
  EXPECT_EQ(messages(frame(9, "hello")).size(), 0u);
  EXPECT_EQ(unmasked(out_), "\x8a\x85hello");
}

TEST_F(WebSocketWireTest, PingsOfAServerThatReadsNothingTakeNoMemory) {
  open();
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(messages(frame(9, std::string(125, 'x'))).size(), 0u);
  EXPECT_GT(out_.size(), std::size_t{1} << 16);
  EXPECT_LT(out_.size(), std::size_t{1} << 17);
  out_.clear();
  EXPECT_EQ(messages(frame(9, "hello")).size(), 0u);
  EXPECT_EQ(unmasked(out_), "\x8a\x85hello");
}

TEST_F(WebSocketWireTest, RequestsAreTextThatIsMasked) {
  ASSERT_TRUE(wire_.send("{\"id\": 1}", out_).ok());
  EXPECT_EQ(unmasked(out_), "\x81\x89{\"id\": 1}");
  out_.clear();
  ASSERT_TRUE(wire_.send("next", out_).ok());
  EXPECT_EQ(unmasked(out_), "\x81\x84next");
  out_.clear();
  wire_.close(out_);
  EXPECT_EQ(unmasked(out_), "\x88\x82\x03\xe8");
}

TEST_F(WebSocketWireTest, ACloseIsToldWithItsReason) {
  open();
  EXPECT_EQ(messages(frame(1, "a") + frame(8, "\x03\xf0reason")),
            (std::vector<std::string>{"a", "error: the server has closed (1008: reason)"}));
}

TEST_F(WebSocketWireTest, WhatBreaksTheProtocolOrItsLimitIsAnError) {
  open();
  EXPECT_EQ(messages(frame(1, "a") + frame(3, "")),
            (std::vector<std::string>{"a", "error: what the server sends cannot be read: the opcode is reserved"}));
  LoadWire other(target_, seed);
  other.feed(accepted(accept_of_seed) + std::string("\x81\x7f\x00\x00\x00\x00\x10\x00\x00\x00", 10));
  ASSERT_TRUE(other.opened().value());
  EXPECT_THAT(other.next(out_).error().message, HasSubstr(std::to_string(limits::payload_bytes_max)));
}

TEST_F(WebSocketWireTest, ATokenStandsInTheHeader) {
  auto target = target_;
  std::string without, with;
  LoadWire(target, seed).open(without);
  EXPECT_THAT(without, ::testing::Not(HasSubstr("Authorization")));
  target.access.token = "secret";
  LoadWire wire(target, seed);
  wire.open(with);
  EXPECT_THAT(with, ::testing::EndsWith("\r\nAuthorization: Bearer secret\r\n\r\n"));
  wire.feed("HTTP/1.1 401 Unauthorized\r\n\r\n");
  EXPECT_EQ(wire.opened().error().message, "it refuses the token of --token-file");
}

TEST_F(WebSocketWireTest, AServerThatDoesNotUpgradeIsToldInItsWords) {
  wire_.feed("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\ngone\n");
  EXPECT_EQ(wire_.opened().error().message, "it does not become a WebSocket: HTTP/1.1 404 Not Found: gone");
  LoadWire other(target_, seed);
  other.feed(accepted("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_THAT(other.opened().error().message, HasSubstr("it answers another request"));
  LoadWire endless(target_, seed);
  endless.feed(std::string(limits::upgrade_header_bytes_max + 4, 'x'));
  EXPECT_THAT(endless.opened().error().message, HasSubstr("too long"));
}

TEST_F(WebSocketWireTest, AHeaderIsAtMostAsLongAsItsLimitHoweverItComes) {
  const auto opened = [&](std::size_t bytes, std::size_t step) {
    LoadWire wire(target_, seed);
    auto header = accepted(accept_of_seed);
    header.insert(header.find("Upgrade"), "X: " + std::string(bytes - (header.size() - 4) - 5, 'x') + "\r\n");
    for (std::size_t at = 0; at < header.size(); at += step) {
      wire.feed(header.substr(at, step));
      const auto done = wire.opened();
      if (!done || *done) return done.ok();
    }
    return false;
  };
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20}) {
    EXPECT_TRUE(opened(limits::upgrade_header_bytes_max, step));
    EXPECT_FALSE(opened(limits::upgrade_header_bytes_max + 1, step));
  }
}

TEST(ErrorOfTest, ReadsErrorsAsGatewaysWriteThem) {
  const auto full = error_of(Failure{errc::overloaded, "full"}.to_json()).value();
  EXPECT_EQ(full.code, "overloaded");
  EXPECT_EQ(full.message, "full");
  const auto bare = error_of(" {\n\"error\" : {\"code\":\"x\"}}").value();
  EXPECT_EQ(bare.code, "x");
  EXPECT_EQ(bare.message, "");
  for (const auto* text :
       {"{\"id\": 1}", "", "{\"error\"", "{\"error\": null}", "{\"errors\": {\"code\": \"x\"}}", "\"error\""}) {
    EXPECT_FALSE(error_of(text)) << text;
  }
}

}  // namespace load_wire_test
}  // namespace skep::bench
