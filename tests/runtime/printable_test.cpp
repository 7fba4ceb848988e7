#include "skep/runtime/printable.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace printable_test {

TEST(PrintableTest, TextStaysAsItIs) {
  for (const auto* text : {"", "a b~", "é ü 漢 \xf0\x9f\x98\x80", "\xc2\xa0"}) EXPECT_EQ(printable(text), text);
}

TEST(PrintableTest, WhatATerminalObeysIsShown) {
  EXPECT_EQ(printable("\x1b[31m\n\x7f"), "\\x1b[31m\\x0a\\x7f");
  EXPECT_EQ(printable("a\xc2\x9b\xc2\x80z"), "a\\xc2\\x9b\\xc2\\x80z");
}

TEST(PrintableTest, WhatIsNoUtf8IsShownByteByByte) {
  EXPECT_EQ(printable("No\xff!"), "No\\xff!");
  EXPECT_EQ(printable("\x9b\x80"), "\\x9b\\x80");
  EXPECT_EQ(printable("\xe6\xbc"), "\\xe6\\xbc") << "cut";
  EXPECT_EQ(printable("\xc2"), "\\xc2");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80") << "overlong";
}

}  // namespace printable_test
}  // namespace skep
