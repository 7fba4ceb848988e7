// Pings, pongs and closes: RFC 6455, sections 5.5 and 7.4.

#include <gtest/gtest.h>

#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_control_test {

using namespace testing;

const auto long_control = got_error(1002, "a control frame of more than 125 bytes");
const auto half_a_code = got_error(1002, "a close with half a code");
const auto wrong_code = got_error(1002, "a close with a code that is not for the wire");
const auto wrong_reason = got_error(1007, "a close whose reason is not UTF-8");

const std::string zero("\0", 1), bytes_124(124, 'p'), bytes_125(125, 'p'), bytes_126(126, 'p');
const std::string not_text("\x00\xFF\xFE\xFD\xFC\xFB\x00\xFF", 8);

TEST(WebSocketControlTest, PingsAndPongs) {
  check({
      {"an empty ping", {ping()}, {got_ping()}},
      {"a ping with text", {ping("Hello")}, {got_ping("Hello")}},
      {"a ping with a zero", {ping(zero)}, {got_ping(zero)}},
      {"a ping that is not text", {ping(not_text)}, {got_ping(not_text)}},
      {"a ping of 124 bytes", {ping(bytes_124)}, {got_ping(bytes_124)}},
      {"a ping of 125 bytes", {ping(bytes_125)}, {got_ping(bytes_125)}},
      {"a ping of 125 bytes of 0xFE", {ping(std::string(125, '\xFE'))}, {got_ping(std::string(125, '\xFE'))}},
      {"a ping of 126 bytes", {ping(bytes_126)}, {long_control}},
      {"an empty pong", {pong()}, {got_pong()}},
      {"a pong nobody asked for", {pong("Hello")}, {got_pong("Hello")}},
      {"a pong that is not text", {pong(not_text)}, {got_pong(not_text)}},
      {"a pong of 125 bytes", {pong(bytes_125)}, {got_pong(bytes_125)}},
      {"a pong of 126 bytes", {pong(bytes_126)}, {long_control}},
      {"a pong, and a ping", {pong("a"), ping("b")}, {got_pong("a"), got_ping("b")}},
      {"a short one after a long one", {ping(bytes_125), ping("a")}, {got_ping(bytes_125), got_ping("a")}},
      {"an empty one after a long one", {pong(bytes_125), ping()}, {got_pong(bytes_125), got_ping()}},
      {"between messages", {text("a"), ping("b"), text("c")}, {got_text("a"), got_ping("b"), got_text("c")}},
      {"one too long after others",
       {ping("a"), text("b"), ping(bytes_126)},
       {got_ping("a"), got_text("b"), long_control}},
  });
}

TEST(WebSocketControlTest, ManyPings) {
  std::vector<WireFrame> pings;
  std::vector<std::string> events;
  for (int i = 0; i < 10; ++i) {
    pings.push_back(ping("payload " + std::to_string(i)));
    events.push_back(got_ping("payload " + std::to_string(i)));
  }
  check({{"ten", pings, events}});
}

TEST(WebSocketControlTest, CodesThatAreForTheWire) {
  std::vector<WireCase> cases;
  for (const unsigned code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012,
                              1013, 1014, 3000, 3001, 3500, 3999, 4000, 4001, 4500, 4999}) {
    cases.push_back({std::to_string(code), {close(code)}, {got_close(code)}});
    cases.push_back({std::to_string(code) + " with a reason", {close(code, "why")}, {got_close(code, "why")}});
  }
  check(cases);
}

TEST(WebSocketControlTest, CodesThatAreNot) {
  std::vector<WireCase> cases;
  for (const unsigned code : {0,    1,    100,  255,  256,  500,  999,  1004, 1005, 1006,   1015,  1016,
                              1099, 1100, 1999, 2000, 2500, 2999, 5000, 5001, 9999, 0x8000, 0xFFFF}) {
    cases.push_back({std::to_string(code), {close(code)}, {wrong_code}});
    cases.push_back({std::to_string(code) + " with a reason", {close(code, "why")}, {wrong_code}});
  }
  check(cases);
}

TEST(WebSocketControlTest, EveryCodeIsJudged) {
  for (unsigned code = 0; code <= 0xFFFF; ++code) {
    const bool registered = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    const bool is_right = registered || (code >= 3000 && code <= 4999);
    const auto outcome = play_whole(wire(close(code), Role::server), {});
    ASSERT_EQ(outcome.events, std::vector{is_right ? got_close(code) : wrong_code});
  }
}

TEST(WebSocketControlTest, PayloadsOfCloses) {
  const std::string euros = "\xE2\x82\xAC\xE2\x82\xAC";
  check({
      {"none", {close()}, {got_close(1005)}},
      {"one byte", {close("\x03")}, {half_a_code}},
      {"one zero", {close(zero)}, {half_a_code}},
      {"a reason", {close(1000, "going home")}, {got_close(1000, "going home")}},
      {"a reason in other letters", {close(1000, euros)}, {got_close(1000, euros)}},
      {"a reason with a zero", {close(1000, zero)}, {got_close(1000, zero)}},
      {"a reason of 123 bytes", {close(1000, std::string(123, 'r'))}, {got_close(1000, std::string(123, 'r'))}},
      {"a reason of 124 bytes", {close(1000, std::string(124, 'r'))}, {long_control}},
      {"a reason with a wrong byte",
       {close(1000,
              "a\xFF"
              "b")},
       {wrong_reason}},
      {"a reason that is a continuation byte", {close(1000, "\x80")}, {wrong_reason}},
      {"a reason that ends within a character", {close(1000, "\xE2\x82")}, {wrong_reason}},
      {"a reason with a surrogate", {close(1000, "\xCE\xBA\xED\xA0\x80 edited")}, {wrong_reason}},
      {"a reason with an overlong form", {close(1000, "\xC0\xAF")}, {wrong_reason}},
      {"a reason past U+10FFFF", {close(1000, "\xF4\x90\x80\x80")}, {wrong_reason}},
      {"a wrong code, and a wrong reason", {close(1005, "\xFF")}, {wrong_code}},
  });
}

TEST(WebSocketControlTest, NothingComesAfterAClose) {
  const auto closed = got_close(1000, "done");
  const auto done = close(1000, "done");
  check({
      {"a text", {done, text("a")}, {closed}},
      {"a ping", {done, ping("a")}, {closed}},
      {"a pong", {done, pong("a")}, {closed}},
      {"another close", {done, done}, {closed}},
      {"another close with a wrong code", {done, close(999)}, {closed}},
      {"one without a code, and a text", {close(), text("a")}, {got_close(1005)}},
      {"a whole session", {text("a"), ping("b"), done, text("c")}, {got_text("a"), got_ping("b"), closed}},
      {"the rest of a message", {text_begin("a"), done, end("b")}, {closed, unfinished(got_text("a"))}},
      {"what is no frame", {done, raw("GET / HTTP/1.1\r\n\r\n")}, {closed}},
      {"a large message", {done, binary(std::string(100'000, 'b'))}, {closed}},
  });
}

TEST(WebSocketControlTest, NothingComesAfterAMistake) {
  const auto wrong = got_error(1002, "the opcode is reserved");
  check({
      {"a text", {frame(0x83), text("a")}, {wrong}},
      {"a ping", {frame(0x83), ping("a")}, {wrong}},
      {"a close", {frame(0x83), close(1000)}, {wrong}},
      {"the same again", {frame(0x83), frame(0x83)}, {wrong}},
      {"another one", {frame(0x83), frame(0xF1), text("\xFF")}, {wrong}},
      {"a close after one with a wrong code", {close(999), close(1000)}, {wrong_code}},
      {"a text after one with half a code", {close("a"), text("b")}, {half_a_code}},
  });
}

}  // namespace websocket_control_test
}  // namespace skep
