#include "toml_mistake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "toml_document.hpp"

namespace skep {
namespace toml_mistake_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// "1:5: error: ..." for a string that is no TOML.
std::vector<std::string> mistakes(const std::string& text) {
  ProblemList problems("f");
  EXPECT_FALSE(parse_toml(text, problems).has_value()) << text;
  std::vector<std::string> texts;
  for (const auto& problem : std::move(problems).take()) texts.push_back(problem.to_string().substr(2));
  return texts;
}

TEST(TomlMistakeTest, AValueThatOtherLanguagesHaveIsNamed) {
  EXPECT_THAT(mistakes("a = null\n"),
              ElementsAre(AllOf(HasSubstr("error: TOML has no 'null' (leave it out; "), HasSubstr("1:6: "))));
  EXPECT_THAT(mistakes("\"\xC3\xA9\" = [1, { b = null }]\n"), ElementsAre(HasSubstr("TOML has no 'null'")));
  EXPECT_THAT(mistakes("a = 1\nb = nil\n"), ElementsAre(HasSubstr("TOML has no 'nil'")));
  EXPECT_THAT(mistakes("a = None\n"), ElementsAre(HasSubstr("TOML has no 'None'")));
  EXPECT_THAT(mistakes("a = number\n"), ElementsAre(HasSubstr("this is no value (a string stands in quotes)")));
  EXPECT_THAT(mistakes("a = True\n"), ElementsAre(HasSubstr("true or false, in small letters")));
}

TEST(TomlMistakeTest, WhatIsThereTwiceIsNamed) {
  EXPECT_THAT(mistakes("[a.b]\n[a.b]\n"), ElementsAre(HasSubstr("'a.b' is there already")));
  EXPECT_THAT(mistakes("a = 1\na = 2\n"), ElementsAre(HasSubstr("'a' is there already")));
}

struct Case {
  std::string text;
  std::string message;
};

class TomlMistakesTest : public ::testing::TestWithParam<Case> {};

TEST_P(TomlMistakesTest, AreToldInOurWords) {
  const auto told = mistakes(GetParam().text);
  EXPECT_THAT(told, ElementsAre(HasSubstr("error: " + GetParam().message)));
  for (const auto* theirs : {"while parsing", "saw '", "prohibited", "TOML_", "end-of-file", "codepoint"}) {
    EXPECT_THAT(told, ElementsAre(Not(HasSubstr(theirs))));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TomlMistakesTest,
    ::testing::Values(
        Case{"a =\n", "a value is missing"}, Case{"a = \"b\n", "the line ends inside a string"},
        Case{"a = \"b", "the file ends inside a string in quotes"}, Case{"a == 1\n", "this is no value"},
        Case{"[a\n", "no ']' at the end"}, Case{"[[a]\n", "no ']' at the end"},
        Case{"a = 1 2\n", "there is more on this line"}, Case{"a = \"b\"c\n", "there is more on this line"},
        Case{"a = 01\n", "a number begins with 0"}, Case{"a = 1e\n", "this is no number"},
        Case{"a = 0x\n", "this is no number"}, Case{"a = 1.\n", "this is no number"},
        Case{"a = 1__0\n", "'_' in a number stands"}, Case{"a = 1e999\n", "a number that is too large"},
        Case{"a = 99999999999999999999\n", "an integer that does not fit 64 bits"},
        Case{"a = '''\n", "the file ends inside a string in single quotes"},
        Case{"a = [1, 2\n", "the file ends inside a list"}, Case{"a = {b = 1,}\n", "a comma with nothing behind it"},
        Case{"a = {\n}\n", "no key and no '}' here"}, Case{"a = {b=1 c=2}\n", "no ',' and no '}' here"},
        Case{"a = [1 2]\n", "no ',' and no ']' here"}, Case{"a = \"\\q\"\n", "no such escape in a string"},
        Case{"a = \"\\ud800\"\n", "a surrogate"}, Case{"a = 2020-13-01\n", "this is no date and no time"},
        Case{"a = 1979-05-27T07:32\n", "this is no date and no time"}, Case{"a b = 1\n", "no '=' behind the key"},
        Case{"= 1\n", "this line is neither a key nor a table"}, Case{"[]\n", "a table without a name"},
        Case{"[a.]\n", "a key is missing"}, Case{"a. = 1\n", "a key is missing"},
        Case{"# \x01\n", "a control character or a surrogate in a comment"},
        Case{"a = \"\xff\"\n", "this is not UTF-8"},
        Case{"a = { b = 1 }\n[a.c]\n", "a table in braces ends with its '}'"},
        Case{"a = { b = 1 }\na.c = 1\n", "what this key adds to is there already"}));

}  // namespace toml_mistake_test
}  // namespace skep
