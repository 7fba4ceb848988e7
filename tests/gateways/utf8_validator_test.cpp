#include "websocket/utf8_validator.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

#include "gateways/utf8_sequences.hpp"
#include "skep/serialization/framing.hpp"

namespace skep {
namespace utf8_validator_test {

using namespace testing;

/// Where `text` is wrong: at a byte, at its end, or `right`.
std::size_t wrong_at(std::string_view text, std::size_t piece_bytes) {
  Utf8Validator validator;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    if (const auto wrong = validator.feed(text.substr(at, piece_bytes))) return at + *wrong;
  }
  return validator.whole() ? right : text.size();
}

/// The same in another way: a byte is wrong if no character is left that the bytes so far could begin.
std::size_t naively_wrong_at(std::string_view text) {
  struct Form {
    unsigned lead, mask, continuations;
    std::uint32_t least;  // character in this form
  };
  constexpr Form forms[] = {
      {0x00, 0x80, 0, 0}, {0xC0, 0xE0, 1, 0x80}, {0xE0, 0xF0, 2, 0x800}, {0xF0, 0xF8, 3, 0x10000}};
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto* form = std::find_if(std::begin(forms), std::end(forms),
                                    [&](const Form& each) { return (byte(begin) & each.mask) == each.lead; });
    if (form == std::end(forms)) return begin;
    auto known = byte(begin) & ~form->mask;
    for (unsigned i = 0;; ++i) {
      const auto bits_left = 6 * (form->continuations - i);
      const auto low = std::max(known << bits_left, form->least), high = (known + 1) << bits_left;
      if (low >= high || low > 0x10FFFF || (low >= 0xD800 && high <= 0xE000)) return begin + i;
      if (bits_left == 0) break;
      if (begin + i + 1 == text.size()) return text.size();
      if ((byte(begin + i + 1) & 0xC0) != 0x80) return begin + i + 1;
      known = known << 6 | (byte(begin + i + 1) & 0x3F);
    }
    begin += form->continuations + 1;
  }
  return right;
}

std::string utf8(std::uint32_t character) {
  const auto byte = [&](unsigned lead, unsigned shift) {
    return static_cast<char>(lead | (character >> shift & 0x3F));
  };
  if (character < 0x80) return {static_cast<char>(character)};
  if (character < 0x800) return {static_cast<char>(0xC0 | character >> 6), byte(0x80, 0)};
  if (character < 0x10000) return {static_cast<char>(0xE0 | character >> 12), byte(0x80, 6), byte(0x80, 0)};
  return {static_cast<char>(0xF0 | character >> 18), byte(0x80, 12), byte(0x80, 6), byte(0x80, 0)};
}

void expect_wrong_at(const std::string& text, std::size_t expected) {
  EXPECT_EQ(naively_wrong_at(text), expected);
  EXPECT_EQ(is_utf8(text), expected == right);
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(wrong_at(text, piece), expected) << piece;
}

TEST(Utf8ValidatorTest, KnowsWhereATextIsWrong) {
  for (const auto& sequences : {right_sequences(), wrong_sequences(), cut_sequences()}) {
    for (const auto& sequence : sequences) {
      SCOPED_TRACE(sequence.name);
      expect_wrong_at(sequence.bytes, sequence.wrong_at);
      for (const std::size_t before : {7, 8, 31, 33, 64}) {
        const auto expected = sequence.wrong_at == right ? right : sequence.wrong_at + before;
        expect_wrong_at(std::string(before, 'a') + sequence.bytes, expected);
      }
      if (sequence.wrong_at == sequence.bytes.size()) continue;
      expect_wrong_at(sequence.bytes + std::string(40, 'z'), sequence.wrong_at);
      const auto many = std::string("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x90\x9D") + sequence.bytes;
      const auto in_many = sequence.wrong_at == right ? right : sequence.wrong_at + 9;
      expect_wrong_at(many + std::string(64, 'z'), in_many);
    }
  }
}

TEST(Utf8ValidatorTest, TakesEveryCharacter) {
  std::string all;
  for (std::uint32_t character = 0; character <= 0x10FFFF; ++character) {
    if (character < 0xD800 || character > 0xDFFF) all += utf8(character);
  }
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, all.size()}) {
    EXPECT_EQ(wrong_at(all, piece), right) << piece;
  }
}

TEST(Utf8ValidatorTest, FailsAtTheFirstByteThatIsWrong) {
  constexpr std::array last_bytes{'\x7F', '\x80', '\xBF', '\xC0'};
  std::string text(4, ' ');
  for (unsigned first = 0; first <= 0xFFFF; ++first) {
    text[0] = static_cast<char>(first >> 8);
    text[1] = static_cast<char>(first & 0xFF);
    for (const char third : last_bytes) {
      text[2] = third;
      for (const char fourth : last_bytes) {
        text[3] = fourth;
        ASSERT_EQ(wrong_at(text, 4), naively_wrong_at(text)) << ::testing::PrintToString(text);
      }
    }
  }
}

TEST(Utf8ValidatorTest, AnEmptyPieceChangesNothing) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.whole());
  EXPECT_FALSE(validator.feed(""));
  EXPECT_FALSE(validator.feed("\xE2"));
  EXPECT_FALSE(validator.feed(""));
  EXPECT_FALSE(validator.whole());
  EXPECT_EQ(validator.feed("\x82\x2C"), 1u);
}

/// Characters of all lengths in runs, so that long texts are right.
std::string any_text() {
  const auto runs = *rc::gen::container<std::vector<std::pair<std::uint32_t, int>>>(
      rc::gen::pair(rc::gen::element<std::uint32_t>('a', 0x7F, 0x80, 0xE4, 0x7FF, 0x800, 0x20AC, 0xD7FF, 0xE000, 0xFFFF,
                                                    0x10000, 0x1F41D, 0x10FFFF),
                    rc::gen::inRange(1, 20)));
  std::string text;
  for (const auto& [character, count] : runs) {
    for (int i = 0; i < count; ++i) text += utf8(character);
  }
  return text;
}

void agree(const std::string& text) {
  const auto expected = naively_wrong_at(text);
  RC_ASSERT(is_utf8(text) == (expected == right));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{40}, text.size() + 1}) {
    RC_ASSERT(wrong_at(text, piece) == expected);
  }
}

RC_GTEST_PROP(Utf8ValidatorTest, AgreesOnRightTexts, ()) {
  const auto text = any_text();
  RC_ASSERT(naively_wrong_at(text) == right);
  agree(text);
}

RC_GTEST_PROP(Utf8ValidatorTest, AgreesOnTextsWithAMistake, ()) {
  auto text = any_text();
  RC_PRE(!text.empty());
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
      break;
    case 1:
      text.erase(at, 1);
      break;
    case 2:
      text.insert(at, 1, static_cast<char>(*rc::gen::inRange(0x80, 0x100)));
      break;
    default:
      text.resize(at);
  }
  agree(text);
}

RC_GTEST_PROP(Utf8ValidatorTest, AgreesOnAnyBytes, (const std::string& bytes)) {
  agree(bytes);
}

}  // namespace utf8_validator_test
}  // namespace skep
