// Messages in fragments, and control frames between these: RFC 6455, sections 5.4 and 5.5.

#include <gtest/gtest.h>

#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_fragments_test {

using namespace testing;

const auto no_message = got_error(1002, "a continuation, and no message has begun");
const auto within_another = got_error(1002, "a message begins within another");
const auto control_in_fragments = got_error(1002, "a control frame in fragments");

const std::string bytes_125(125, 'p');

TEST(WebSocketFragmentsTest, FragmentsMakeOneMessage) {
  check({
      {"text of two", {text_begin("one"), end("two")}, {got_text("onetwo")}},
      {"binary of two", {binary_begin("\x01\xFF"), end("\xFE")}, {got_binary("\x01\xFF\xFE")}},
      {"text of three", {text_begin("one"), more("two"), end("three")}, {got_text("onetwothree")}},
      {"binary of five", {binary_begin("a"), more("b"), more("c"), more("d"), end("e")}, {got_binary("abcde")}},
      {"two empty ones", {text_begin(), end()}, {got_text("")}},
      {"three empty ones, binary", {binary_begin(), more(), end()}, {got_binary("")}},
      {"the first is empty", {text_begin(), end("a")}, {got_text("a")}},
      {"the last is empty", {text_begin("a"), end()}, {got_text("a")}},
      {"the one between is empty", {text_begin("a"), more(), end("b")}, {got_text("ab")}},
      {"only the one between is not", {text_begin(), more("a"), end()}, {got_text("a")}},
      {"two messages of two",
       {text_begin("a"), end("b"), binary_begin("c"), end("d")},
       {got_text("ab"), got_binary("cd")}},
      {"whole ones around one in fragments",
       {text("a"), text_begin("b"), end("c"), text("d")},
       {got_text("a"), got_text("bc"), got_text("d")}},
      {"of every form of length",
       {binary_begin(bytes_125), more(std::string(126, 'q')), end(std::string(65'536, 'r'))},
       {got_binary(bytes_125 + std::string(126, 'q') + std::string(65'536, 'r'))}},
      {"without an end", {text_begin("a"), more("b")}, {unfinished(got_text("ab"))}},
  });
}

TEST(WebSocketFragmentsTest, ControlFramesComeBetween) {
  check({
      {"a ping", {text_begin("a"), ping("p"), end("b")}, {got_ping("p"), got_text("ab")}},
      {"a pong", {text_begin("a"), pong("p"), end("b")}, {got_pong("p"), got_text("ab")}},
      {"an empty ping", {binary_begin("a"), ping(), end("b")}, {got_ping(), got_binary("ab")}},
      {"a ping of 125 bytes", {text_begin("a"), ping(bytes_125), end("b")}, {got_ping(bytes_125), got_text("ab")}},
      {"after an empty fragment", {text_begin(), ping("p"), end()}, {got_ping("p"), got_text("")}},
      {"after each fragment",
       {text_begin("a"), ping("1"), more("b"), pong("2"), more("c"), ping("3"), end("d"), ping("4")},
       {got_ping("1"), got_pong("2"), got_ping("3"), got_text("abcd"), got_ping("4")}},
      {"several at once",
       {binary_begin("a"), ping("1"), ping("2"), pong("3"), end("b")},
       {got_ping("1"), got_ping("2"), got_pong("3"), got_binary("ab")}},
      {"its mask is its own",
       {binary_begin("abc"), ping("xyz"), more("defgh"), pong("zyx"), end("ijklm")},
       {got_ping("xyz"), got_pong("zyx"), got_binary("abcdefghijklm")}},
      {"a close", {text_begin("a"), close(1000), end("b")}, {got_close(1000), unfinished(got_text("a"))}},
      {"a close between the halves of a character",
       {text_begin("\xE2\x82"), close(1001), end("\xAC")},
       {got_close(1001), unfinished(got_text("\xE2\x82"))}},
      {"a ping between the halves of a character",
       {text_begin("\xE2\x82"), ping("\xAC"), end("\xAC")},
       {got_ping("\xAC"), got_text("\xE2\x82\xAC")}},
  });
}

TEST(WebSocketFragmentsTest, AContinuationContinuesSomething) {
  check({
      {"the first frame, an end", {end("a")}, {no_message}},
      {"the first frame, an empty end", {end()}, {no_message}},
      {"the first frame, not an end", {more("a")}, {no_message}},
      {"and a text behind it", {end("a"), text("b")}, {no_message}},
      {"more, and a text behind it", {more("a"), text("b")}, {no_message}},
      {"after a text", {text("a"), end("b")}, {got_text("a"), no_message}},
      {"after a binary", {binary("a"), more("b")}, {got_binary("a"), no_message}},
      {"after the end of fragments", {text_begin("a"), end("b"), end("c")}, {got_text("ab"), no_message}},
      {"more after the end of fragments",
       {binary_begin("a"), more("b"), end("c"), more("d")},
       {got_binary("abc"), no_message}},
      {"after a ping", {ping("p"), end("a")}, {got_ping("p"), no_message}},
      {"after a pong", {pong("p"), more("a")}, {got_pong("p"), no_message}},
  });
}

TEST(WebSocketFragmentsTest, AMessageEndsBeforeTheNextBegins) {
  check({
      {"a text within a text", {text_begin("a"), text("b")}, {within_another}},
      {"a text within a binary", {binary_begin("a"), text("b")}, {within_another}},
      {"a binary within a text", {text_begin("a"), binary("b")}, {within_another}},
      {"a binary within a binary", {binary_begin("a"), binary("b")}, {within_another}},
      {"one that begins within another", {text_begin("a"), text_begin("b"), end("c")}, {within_another}},
      {"binary that begins within text", {text_begin("a"), binary_begin("b"), end("c")}, {within_another}},
      {"an empty one within an empty one", {text_begin(), text()}, {within_another}},
      {"after more", {text_begin("a"), more("b"), text("c")}, {within_another}},
      {"after a ping", {text_begin("a"), ping("p"), text("b")}, {got_ping("p"), within_another}},
      {"in the second message", {text("a"), text_begin("b"), text("c")}, {got_text("a"), within_another}},
  });
}

TEST(WebSocketFragmentsTest, ControlFramesAreWhole) {
  check({
      {"a ping", {frame(0x09)}, {control_in_fragments}},
      {"a ping with a payload", {frame(0x09, "a"), end("b")}, {control_in_fragments}},
      {"a pong", {frame(0x0A)}, {control_in_fragments}},
      {"a pong with a payload", {frame(0x0A, "a"), end("b")}, {control_in_fragments}},
      {"a close", {frame(0x08)}, {control_in_fragments}},
      {"a close with a code", {frame(0x08, code_bytes(1000))}, {control_in_fragments}},
      {"a ping after a message", {text("a"), frame(0x09, "b")}, {got_text("a"), control_in_fragments}},
      {"a ping within a message", {text_begin("a"), frame(0x09, "b"), end("c")}, {control_in_fragments}},
      {"a close within a message", {text_begin("a"), frame(0x08), end("c")}, {control_in_fragments}},
      {"a pong of 126 bytes", {frame(0x0A, std::string(126, 'a'))}, {control_in_fragments}},
  });
}

TEST(WebSocketFragmentsTest, OneByteAFragment) {
  const std::string message = "Hello, \xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1 UTF-8!";
  std::vector<WireFrame> plain, with_pings;
  std::vector<std::string> events;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const unsigned first = i == 0 ? 0x01 : i + 1 == message.size() ? 0x80 : 0x00;
    plain.push_back(frame(first, message.substr(i, 1)));
    with_pings.push_back(plain.back());
    if (i + 1 == message.size()) break;
    with_pings.push_back(ping(std::to_string(i)));
    events.push_back(got_ping(std::to_string(i)));
  }
  events.push_back(got_text(message));
  check({{"plain", plain, {got_text(message)}}, {"with pings between them", with_pings, events}});
}

}  // namespace websocket_fragments_test
}  // namespace skep
