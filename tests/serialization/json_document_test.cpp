#include <gtest/gtest.h>

#include <thread>

#include "skep/serialization/json.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace json_document_test {

using namespace std::string_view_literals;

JsonDocument parsed(std::string_view text) {
  auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document.ok()) << text;
  return std::move(document).value();
}

std::string problem(std::string_view text) {
  const auto checked = check_json(text);
  if (checked) return "accepted";
  EXPECT_EQ(checked.error().code, errc::bad_record);
  EXPECT_EQ(JsonDocument::parse(text).error().message, checked.error().message);
  return checked.error().message;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + "1" + std::string(depth, ']');
}

TEST(JsonDocumentTest, FindsValuesByTheirPath) {
  const auto document = parsed(R"({"user": "ann", "a": {"b": [1, {"c": true}]}, "n": null})");
  EXPECT_EQ(document.string("$.user"), "ann");
  EXPECT_EQ(document.integer("$.a.b[0]"), 1);
  EXPECT_EQ(document.boolean("$.a.b[1].c"), true);
  EXPECT_TRUE(document.has("$"));
  EXPECT_TRUE(document.has("$.n"));
  EXPECT_FALSE(document.has("$.a.b[2]"));
  EXPECT_FALSE(document.has("$.user.b"));
  EXPECT_FALSE(document.has("$.missing"));
}

TEST(JsonDocumentTest, GivesNothingForAValueOfAnotherType) {
  const auto document = parsed(R"({"s": "1", "i": 1, "d": 1.5, "u": 18446744073709551615})");
  EXPECT_EQ(document.integer("$.s"), std::nullopt);
  EXPECT_EQ(document.integer("$.d"), std::nullopt);
  EXPECT_EQ(document.integer("$.u"), std::nullopt);
  EXPECT_EQ(document.string("$.i"), std::nullopt);
  EXPECT_EQ(document.boolean("$.i"), std::nullopt);
  EXPECT_EQ(document.number("$.s"), std::nullopt);
  EXPECT_EQ(document.number("$.i"), 1.0);
  EXPECT_EQ(document.number("$.d"), 1.5);
}

TEST(JsonDocumentTest, TheFirstOfTwoEqualKeysWins) {
  EXPECT_EQ(parsed(R"({"a": 1, "a": 2})").integer("$.a"), 1);
}

TEST(JsonDocumentTest, MatchesKeysByWhatTheyMean) {
  EXPECT_EQ(parsed(R"({"\u0061\t": 1})").integer("$.a\t"), 1);
}

TEST(JsonDocumentTest, ShowsAnyValueAsText) {
  const auto document = parsed(R"({"s": "\u0078\n", "l": [1, -2, 1.0, 0.1, {"k" : [ ]}], "u": 18446744073709551615,
                                  "t": true, "n": null})");
  EXPECT_EQ(document.text("$.s"), R"("x\n")");
  EXPECT_EQ(document.text("$.l"), R"([1,-2,1,0.1,{"k":[]}])");
  EXPECT_EQ(document.text("$.u"), "18446744073709551615");
  EXPECT_EQ(document.text("$.t"), "true");
  EXPECT_EQ(document.text("$.n"), "null");
  EXPECT_EQ(document.text("$.missing"), std::nullopt);
}

TEST(JsonDocumentTest, OutlivesTheTextAndOtherDocuments) {
  std::string text = R"({"user": "ann"})";
  auto document = parsed(text);
  text.assign(text.size(), 'x');
  const auto other = parsed(R"({"user": "bob"})");
  const auto moved = std::move(document);
  EXPECT_EQ(moved.string("$.user"), "ann");
  EXPECT_EQ(other.string("$.user"), "bob");
}

TEST(JsonDocumentTest, IsParsedOnManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      const auto text = "{\"i\": " + std::to_string(i) + "}";
      for (int round = 0; round < 1000; ++round) ASSERT_EQ(parsed(text).integer("$.i"), i);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(JsonDocumentTest, IsParsedAfterALargeOneAndAfterABadOne) {
  const std::string large = "\"" + std::string(3u << 20, 'x') + "\"";
  EXPECT_EQ(parsed(large).string("$")->size(), large.size() - 2);
  EXPECT_FALSE(check_json("{").ok());
  EXPECT_EQ(parsed("[7]").integer("$[0]"), 7);
  EXPECT_TRUE(check_json(large).ok());
  EXPECT_TRUE(check_json("1").ok());
}

TEST(JsonDocumentTest, OfNoTextMissesEverything) {
  const JsonDocument none;
  EXPECT_FALSE(none.has("$"));
  EXPECT_FALSE(none.has("$.a"));
  EXPECT_EQ(none.text("$"), std::nullopt);
  EXPECT_EQ(none.members("$"), std::nullopt);
  EXPECT_EQ(none.array("$", DType::u8, Shape{1}).error().message, "$ is missing");
}

TEST(JsonDocumentTest, TakesOneTextAfterTheOther) {
  JsonDocument document;
  const auto counted = [](int count) {
    std::string text = "[[]";
    for (int i = 1; i < count; ++i) text += "," + std::to_string(count + i);
    return text + "]";
  };
  ASSERT_TRUE(document.reparse(counted(100)).ok());
  EXPECT_EQ(document.integer("$[80]"), 180);
  ASSERT_TRUE(document.reparse(counted(50)).ok());
  EXPECT_EQ(document.integer("$[40]"), 90);
  EXPECT_FALSE(document.has("$[80]")) << "where the elements of a long array stand is kept for one text";
  ASSERT_TRUE(document.reparse("[" + std::string(1 << 20, ' ') + "7]").ok());
  EXPECT_EQ(document.integer("$[0]"), 7);
  ASSERT_TRUE(document.reparse(R"({"a": "b"})").ok());
  EXPECT_EQ(document.string("$.a"), "b");
}

TEST(JsonDocumentTest, CutShortAnywhereItIsRefusedAndForgetsTheTextBefore) {
  const std::string whole = R"({"pixels": [[1, -2.5e3], [true, null]], "n\u00e9\ud83d\ude00": "\nÃ©"})";
  JsonDocument document;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(document.reparse(whole).ok());
    const auto cut = whole.substr(0, size);
    const auto read = document.reparse(cut);
    ASSERT_FALSE(read.ok()) << cut;
    EXPECT_EQ(read.error().code, errc::bad_record);
    EXPECT_EQ(read.error().message, check_json(cut).error().message);
    EXPECT_EQ(read.error().message.rfind("byte ", 0), 0u) << read.error().message;
    EXPECT_FALSE(document.has("$"));
  }
}

TEST(JsonCheckTest, AcceptsEveryKindOfDocument) {
  for (const auto text : {"{}", "[]", "\"\"", "0", "-0", "1e5", "1E-400", "true", "false", "null", " \t\r\n1 ",
                          "\"\\ud83d\\udc1d\"", "18446744073709551615", "-9223372036854775808", "[[],{},[{}]]"}) {
    EXPECT_EQ(problem(text), "accepted") << text;
  }
}

TEST(JsonCheckTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(problem(""), "byte 0: expected a value (the text ends here)");
  EXPECT_EQ(problem("{\"a\": 1,}"), "byte 8: expected a key in quotes");
  EXPECT_EQ(problem("{\"a\" 1}"), "byte 5: expected ':'");
  EXPECT_EQ(problem("{\"a\": 1 \"b\": 2}"), "byte 8: expected ',' or '}'");
  EXPECT_EQ(problem("[1 2]"), "byte 3: expected ',' or ']'");
  EXPECT_EQ(problem("[1,"), "byte 3: expected a value (the text ends here)");
  EXPECT_EQ(problem("[1] x"), "byte 4: more text after the document");
  EXPECT_EQ(problem("[tru]"), "byte 1: expected a value");
  EXPECT_EQ(problem("\"abc"), "byte 4: expected '\"' at the end of the string (the text ends here)");
  EXPECT_EQ(problem("[01]"), "byte 1: a number must not start with 0");
  EXPECT_EQ(problem("[1.]"), "byte 3: expected a digit");
  EXPECT_EQ(problem("[-]"), "byte 2: expected a digit");
  EXPECT_EQ(problem("\"\\x\""), "byte 1: no such escape");
  EXPECT_EQ(problem("\"\\u12g4\""), "byte 1: expected four hexadecimal digits after \\u");
  EXPECT_EQ(problem("\"a\nb\""), "byte 2: a control character in a string must be escaped");
  EXPECT_EQ(problem("\"a\xFF\""), "byte 2: invalid UTF-8");
  EXPECT_EQ(problem("NaN"), "byte 0: expected a value");
}

TEST(JsonCheckTest, RefusesNumbersItCouldNotKeepWhole) {
  EXPECT_EQ(problem("[18446744073709551616]"), "byte 1: the integer does not fit 64 bits");
  EXPECT_EQ(problem("-9223372036854775809"), "byte 0: the integer does not fit 64 bits");
  EXPECT_EQ(problem("[1e400]"), "byte 1: the number is too large for a double");
}

TEST(JsonCheckTest, RefusesLoneSurrogates) {
  EXPECT_EQ(problem("\"\\ud83d\""), "byte 1: a high surrogate without the low one after it");
  EXPECT_EQ(problem("\"\\ud83d\\u0061\""), "byte 1: a high surrogate without the low one after it");
}

TEST(JsonCheckTest, NestsNoDeeperThanJsonDepthMax) {
  EXPECT_EQ(problem(nested(limits::json_depth_max)), "accepted");
  EXPECT_EQ(problem(nested(limits::json_depth_max + 1)), "byte 32: nested deeper than json_depth_max, which is 32");
  EXPECT_NE(problem(nested(100000)), "accepted");
}

TEST(JsonCheckTest, TakesNoMoreThanPayloadBytesMax) {
  const std::string text(limits::payload_bytes_max + 1, ' ');
  EXPECT_EQ(check_json(text).error().code, errc::too_large);
  EXPECT_EQ(check_json(text).error().message,
            "the JSON text has 67108865 bytes; the limit payload_bytes_max is 67108864");
}

TEST(JsonDocumentTest, GivesTheMembersOfAnObjectAsTheyStand) {
  const auto document = parsed(R"({"o": {"b": [1, 2.50], "a b": "x", "b": 9007199254740993}})");
  const auto members = document.members("$.o");
  ASSERT_TRUE(members);
  std::string all;
  for (const auto& member : *members) all += std::string(member.name) + "=" + member.text + ";";
  EXPECT_EQ(all, R"(b=[1,2.5];a b="x";b=9007199254740993;)");
  EXPECT_FALSE(document.members("$.o.b"));
  EXPECT_FALSE(document.members("$.none"));
}

TEST(JsonPathTest, HasItsForm) {
  for (const auto path : {"$", "$.a", "$.a.b", "$.items[2]", "$[0][1].x", "$.with space", "$.\u00FC"}) {
    EXPECT_TRUE(is_json_path(path)) << path;
  }
  for (const auto path :
       {"", "a", "$a", "$.", "$..a", "$[", "$[]", "$[x]", "$[-1]", "$[1", "$.a]", "$[99999999999999999999]"}) {
    EXPECT_FALSE(is_json_path(path)) << path;
    EXPECT_FALSE(parsed("{\"a\": [1]}").has(path)) << path;
  }
}

}  // namespace json_document_test
}  // namespace skep
