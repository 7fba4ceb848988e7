// Text is UTF-8, and fails at the first byte that is not: RFC 6455, section 8.1.

#include <gtest/gtest.h>

#include "gateways/utf8_sequences.hpp"
#include "gateways/websocket_wire.hpp"

namespace skep {
namespace websocket_text_test {

using namespace testing;

const auto wrong_text = got_error(1007, "text that is not UTF-8");
const auto cut_text = got_error(1007, "text that ends within a character of UTF-8");

const std::string kosme = "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5";
const std::string surrogate = "\xED\xA0\x80";

/// In frames of so many bytes.
std::vector<WireFrame> in_fragments(const std::string& text, std::size_t frame_bytes) {
  std::vector<WireFrame> frames{text_begin(text.substr(0, frame_bytes))};
  for (std::size_t at = frame_bytes; at < text.size(); at += frame_bytes) {
    frames.push_back(more(text.substr(at, frame_bytes)));
  }
  frames.push_back(end());
  return frames;
}

TEST(WebSocketTextTest, RightSequences) {
  std::vector<WireCase> cases;
  for (const auto& [name, bytes, _] : right_sequences()) {
    cases.push_back({name, {text(bytes), text("a")}, {got_text(bytes), got_text("a")}});
    cases.push_back({name + ", a byte a fragment", in_fragments(bytes, 1), {got_text(bytes)}});
  }
  check(cases);
}

TEST(WebSocketTextTest, WrongSequences) {
  std::vector<WireCase> cases;
  for (const auto& [name, bytes, _] : wrong_sequences()) {
    cases.push_back({name, {text(bytes), text("a")}, {wrong_text}});
    cases.push_back({name + ", a byte a fragment", in_fragments(bytes, 1), {wrong_text}});
  }
  for (const auto& [name, bytes, _] : cut_sequences()) {
    cases.push_back({name, {text(bytes), text("a")}, {cut_text}});
    cases.push_back({name + ", a byte a fragment", in_fragments(bytes, 1), {cut_text}});
  }
  check(cases);
}

TEST(WebSocketTextTest, WrongSequencesAreNoMistakeInBinary) {
  std::vector<WireCase> cases;
  for (const auto& sequences : {wrong_sequences(), cut_sequences()}) {
    for (const auto& [name, bytes, _] : sequences) {
      cases.push_back({name, {binary(bytes), ping(bytes)}, {got_binary(bytes), got_ping(bytes)}});
    }
  }
  check(cases);
}

TEST(WebSocketTextTest, IsReadNoFurtherThanTheMistake) {
  constexpr std::size_t header = 6;
  for (const auto& [name, bytes, wrong_at] : wrong_sequences()) {
    SCOPED_TRACE(name);
    const auto read = [](const std::vector<WireFrame>& frames) {
      return play_whole(wire(frames, Role::server), {}).read;
    };
    EXPECT_EQ(read({text(bytes + "more")}), header + wrong_at + 1);
    EXPECT_EQ(read({announcing(1000, text(bytes))}), header + 2 + wrong_at + 1);
    EXPECT_EQ(read(in_fragments(bytes, 1)), (header + 1) * (wrong_at + 1));
  }
}

TEST(WebSocketTextTest, Fragments) {
  check({
      {"cut between characters", {text_begin("\xC3\xA4"), end("\xE2\x82\xAC")}, {got_text("\xC3\xA4\xE2\x82\xAC")}},
      {"cut within two bytes", {text_begin("\xC3"), end("\xA4")}, {got_text("\xC3\xA4")}},
      {"cut within three bytes", {text_begin("\xE2\x82"), end("\xAC")}, {got_text("\xE2\x82\xAC")}},
      {"cut within four bytes", {text_begin("\xF0"), end("\x9F\x90\x9D")}, {got_text("\xF0\x9F\x90\x9D")}},
      {"an empty one within a character", {text_begin("\xE2\x82"), more(), end("\xAC")}, {got_text("\xE2\x82\xAC")}},
      {"in threes", in_fragments(kosme + kosme, 3), {got_text(kosme + kosme)}},
      {"the second ends within a character", {text_begin(kosme), end("\xCE")}, {cut_text}},
      {"an empty one ends within a character", {text_begin("\xE2\x82"), end()}, {cut_text}},
      {"the mistake is in the first", {text_begin(kosme + surrogate), end(kosme)}, {wrong_text}},
      {"the mistake is in the second", {text_begin(kosme), end(surrogate + kosme)}, {wrong_text}},
      {"the mistake shows in the second", {text_begin(kosme + "\xED"), end("\xA0\x80" + kosme)}, {wrong_text}},
      {"overlong across fragments", {text_begin("\xE0"), more("\x80"), end("\xAF")}, {wrong_text}},
      {"past U+10FFFF across fragments", {text_begin("\xF4"), end("\x90\x80\x80")}, {wrong_text}},
      {"a message forgets the last", {text("\xC3\xA4"), text("\xA4")}, {got_text("\xC3\xA4"), wrong_text}},
      {"and so after binary", {binary("\xE2\x82"), text("\xAC")}, {got_binary("\xE2\x82"), wrong_text}},
      {"and so the other way",
       {text("a"), binary("\xE2"), text("b")},
       {got_text("a"), got_binary("\xE2"), got_text("b")}},
      {"a mistake that is never whole", {announcing(1000, text(kosme + "\xED\xA0"))}, {wrong_text}},
      {"a mistake in a frame that is not the last", {text_begin("a\xFF")}, {wrong_text}},
      {"a mistake after a ping", {text_begin("a"), ping("p"), end("\xFF")}, {got_ping("p"), wrong_text}},
  });
}

TEST(WebSocketTextTest, LongTexts) {
  std::string long_text;
  while (long_text.size() < 3000) long_text += kosme + " and ASCII ";
  std::vector<WireCase> cases{
      {"right", {text(long_text)}, {got_text(long_text)}},
      {"in 16ths", in_fragments(long_text, 16), {got_text(long_text)}, {.message_frames_max = 1000}}};
  for (const std::size_t at : {0, 11, 500, 2047, 2999}) {
    auto wrong = long_text;
    wrong[at] = '\xC0';
    cases.push_back({"wrong at " + std::to_string(at), {text(wrong)}, {wrong_text}});
    cases.push_back({"wrong in fragments at " + std::to_string(at), in_fragments(wrong, 700), {wrong_text}});
  }
  check(cases);
}

}  // namespace websocket_text_test
}  // namespace skep
