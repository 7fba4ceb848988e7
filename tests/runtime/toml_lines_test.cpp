#include "../../runtime/src/toml_lines.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace toml_lines_test {

TEST(TomlLinesTest, KnowsHeadersAndKeysByTheirLooks) {
  for (const auto* header : {"[bees.a]", "  [bees.a", "[[bees]]", "[bees a]", "[bees.a] # a bee", "[", "[bees.a]\r"}) {
    EXPECT_EQ(looks_like(header), TomlLine::header) << header;
  }
  for (const auto* key : {"a = 1", "a =", "a = = 1", "  a.b = two", "\"a b\" = [1, 2]", "a = \"x", "a = { b = 1 }"}) {
    EXPECT_EQ(looks_like(key), TomlLine::key) << key;
  }
  for (const auto* other :
       {"", "# a", "a", "= 1", "[1, 2],", "  \"a\",", "a = [", "a = {", "a = \"\"\"b", "]", "a, b = 1"}) {
    EXPECT_EQ(looks_like(other), TomlLine::other) << other;
  }
}

TEST(TomlLinesTest, LeavesOutALineAndKeepsThePlaceOfTheOthers) {
  TomlLines lines("a = 1\nb = two\nc = 3\n");
  EXPECT_EQ(lines.line(2), "b = two");
  EXPECT_TRUE(lines.leave_out(2));
  EXPECT_EQ(lines.text(), "a = 1\n\nc = 3\n");
}

TEST(TomlLinesTest, WhatStandsBelowAHeaderThatIsLeftOutGoesElsewhere) {
  TomlLines lines("[bees.a\nclass = 1");
  EXPECT_TRUE(lines.leave_out(1));
  EXPECT_EQ(lines.text(), "[\"(line 1)\"]\nclass = 1");
  OptionValue root{OptionValue::Table{{"(line 1)", {}, {}}, {"(line 2)", {}, {}}}, {}};
  lines.remove_stand_ins(root);
  EXPECT_EQ(std::get<OptionValue::Table>(root.value).size(), 1u);
}

TEST(TomlLinesTest, LeavesNothingElseOut) {
  TomlLines lines("a = [\n  1,\n]");
  for (const auto number : {0u, 1u, 2u, 3u, 4u}) EXPECT_FALSE(lines.leave_out(number)) << number;
  EXPECT_EQ(lines.text(), "a = [\n  1,\n]");
}

}  // namespace toml_lines_test
}  // namespace skep
