#include "testing/record_diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace skep::testing {
namespace record_diff_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Comparable> expected(const std::vector<std::string>& texts) {
  std::vector<Comparable> all;
  for (const auto& text : texts) all.emplace_back(TestRecord{TestRecord::Form::text, text, {}});
  return all;
}

std::vector<Comparable> came(const std::vector<std::string>& texts) {
  std::vector<Comparable> all;
  for (const auto& text : texts) all.emplace_back(Came{text, parse_json(text).has_value(), {}});
  return all;
}

TEST(RecordDiffTest, ShowsWhatCameInsteadAndWhere) {
  EXPECT_THAT(record_diff(expected({"1", R"({"a":1})"}), came({"1", R"({"a":2})"}), {}),
              ElementsAre("    1", R"(  - {"a":1})", R"(  + {"a":2})", "      $.a is 2, expected 1"));
}

TEST(RecordDiffTest, OneThatIsMissingMovesNoOther) {
  EXPECT_THAT(record_diff(expected({"1", "2", "3"}), came({"2", "3"}), {}), ElementsAre("  - 1", "    2", "    3"));
  EXPECT_THAT(record_diff(expected({"1", "2", "3"}), came({"1", "3", "4"}), {}),
              ElementsAre("    1", "  - 2", "    3", "  + 4"));
  EXPECT_THAT(record_diff(expected({"1"}), came({}), {}), ElementsAre("  - 1"));
}

TEST(RecordDiffTest, InAnyOrderThoseThatMatchComeFirst) {
  EXPECT_THAT(record_diff(expected({"1", "2"}), came({"3", "1"}), {.any_order = true}),
              ElementsAre("    1", "  - 2", "  + 3", "      $ is 3, expected 2"));
}

TEST(RecordDiffTest, LongStretchesThatMatchAreShort) {
  std::vector<std::string> same;
  for (int i = 0; i < 100; ++i) same.push_back(std::to_string(i));
  auto one = same, other = same;
  one[50] = "\"x\"";
  EXPECT_THAT(record_diff(expected(one), came(other), {}),
              ElementsAre("    ... 48 records as expected", "    48", "    49", "  - \"x\"", "  + 50",
                          "      $ is 50, expected \"x\"", "    51", "    52", "    ... 47 records as expected"));
}

TEST(RecordDiffTest, ShowsSoManyRecordsAtMost) {
  std::vector<std::string> one, other;
  for (std::size_t i = 0; i < limits::test_records_max; ++i) {
    one.push_back(std::to_string(i));
    other.push_back("\"" + std::to_string(i) + "\"");
  }
  for (const bool any_order : {false, true}) {
    const auto lines = record_diff(expected(one), came(other), {.any_order = any_order});
    const auto shown = std::ranges::count_if(
        lines, [](const std::string& line) { return line.starts_with("  - ") || line.starts_with("  + "); });
    EXPECT_EQ(shown, static_cast<std::ptrdiff_t>(limits::test_shown_records_max));
    EXPECT_THAT(lines, Contains(HasSubstr("... and 19960 records more that differ")));
  }
}

TEST(RecordDiffTest, ARecordIsOneLineThatSteersNoTerminal) {
  EXPECT_EQ(shown_record("a\x1b[31m\nb"), "a\\x1b[31m\\x0ab");
  EXPECT_EQ(shown_record("é"), "é");
  EXPECT_EQ(shown_record("\xff\x01"), "hex ff 01");
  const auto cut = shown_record(std::string(limits::test_shown_bytes_max + 1, 'x'));
  EXPECT_EQ(cut, std::string(limits::test_shown_bytes_max, 'x') + " ... (1001 bytes)");
  EXPECT_LT(shown_record(std::string(1'000'000, '\xff')).size(), limits::test_shown_bytes_max + 50);
}

}  // namespace record_diff_test
}  // namespace skep::testing
