#include "skep/serialization/counted.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace counted_test {

TEST(CountedTest, OnlyOneIsSingular) {
  EXPECT_EQ(counted(0, "bee"), "0 bees");
  EXPECT_EQ(counted(1, "bee"), "1 bee");
  EXPECT_EQ(counted(2, "open request"), "2 open requests");
  EXPECT_EQ(counted(UINT64_MAX, "byte"), "18446744073709551615 bytes");
}

TEST(CountedTest, TheVerbFollowsTheCount) {
  EXPECT_EQ(is_or_are(0), "are");
  EXPECT_EQ(is_or_are(1), "is");
}

}  // namespace counted_test
}  // namespace skep
