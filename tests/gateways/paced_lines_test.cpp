#include "paced_lines.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace paced_lines_test {

using namespace std::chrono_literals;

TEST(PacedLinesTest, OneGoesAtOnceAndTheLastOneOfTheRestLater) {
  PacedLines lines(1s);
  const PacedLines::Time start(100s);
  EXPECT_FALSE(lines.due());
  EXPECT_EQ(lines.add("a", start), "a");
  EXPECT_FALSE(lines.due());
  EXPECT_FALSE(lines.add("b", start + 1ms));
  for (int i = 0; i < 36; ++i) EXPECT_FALSE(lines.add("c", start + 2ms));
  EXPECT_FALSE(lines.add("d", start + 3ms));
  EXPECT_EQ(lines.due(), start + 1s);
  EXPECT_FALSE(lines.take(start + 999ms));
  EXPECT_EQ(lines.take(start + 1s), "d (and 37 more since the last such line)");
  EXPECT_FALSE(lines.take(start + 3s)) << "nothing waits";
  EXPECT_EQ(lines.add("e", start + 3s), "e");
}

TEST(PacedLinesTest, AtTheEndNothingWaits) {
  PacedLines lines(1s);
  const PacedLines::Time start(100s);
  EXPECT_FALSE(lines.flush(start));
  EXPECT_EQ(lines.add("a", start), "a");
  EXPECT_FALSE(lines.add("b", start));
  EXPECT_FALSE(lines.add("c", start));
  EXPECT_EQ(lines.flush(start + 1ms), "c (and 1 more since the last such line)");
  EXPECT_FALSE(lines.due());
  EXPECT_FALSE(lines.flush(start + 2ms));
  EXPECT_FALSE(lines.add("d", start + 3ms)) << "where nothing waited the pace is kept";
}

TEST(PacedLinesTest, OneThatHasWaitedAloneIsAsItWas) {
  PacedLines lines(1s);
  const PacedLines::Time start(100s);
  EXPECT_EQ(lines.add("a", start), "a");
  EXPECT_FALSE(lines.add("b", start));
  EXPECT_EQ(lines.take(start + 2s), "b");
}

}  // namespace paced_lines_test
}  // namespace skep
