#include "option_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace skep::cli {
namespace option_text_test {

TEST(OptionTextTest, WordsStandInOneColumn) {
  EXPECT_EQ("\n" + option_text({{"-o, --output", "FORM", "text or json (default: text)"}, {"--all", "", "all of it"}}),
            R"(
  -o, --output FORM   text or json (default: text)
  --all               all of it
)");
}

TEST(OptionTextTest, LongWordsGoOnInTheirColumn) {
  std::string doc;
  for (int i = 0; i < 40; ++i) doc += "word" + std::to_string(i) + " ";
  const auto text = option_text({{"--metrics", "ADDRESS", doc}});
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_LE(line.size(), 110u);
    EXPECT_EQ(line.find("word"), 22u) << line;
    EXPECT_NE(line.back(), ' ');
  }
  EXPECT_GT(count, 2u);
}

TEST(OptionTextTest, WordsLongerThanALineStandAlone) {
  const std::string endless(200, 'x');
  EXPECT_EQ(option_text({{"--a", "", "is " + endless + " long"}}),
            "  --a   is\n        " + endless + "\n        long\n");
}

TEST(OptionTextTest, NothingIsNothing) {
  EXPECT_EQ(option_text({}), "");
}

}  // namespace option_text_test
}  // namespace skep::cli
