#include "../../runtime/src/log_text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

namespace skep::detail {
namespace log_line_test {

using namespace std::chrono_literals;

/// 2026-01-31 12:34:56 UTC.
const std::chrono::system_clock::time_point at{1'769'862'896s + 7089us};

TEST(LogLineTest, TheTimeOfJsonIsInUtcToTheMicrosecond) {
  EXPECT_EQ(json_line(at, LogLevel::info, R"("source":"s")"),
            "{\"time\":\"2026-01-31T12:34:56.007089Z\",\"level\":\"info\",\"source\":\"s\"}\n");
}

TEST(LogLineTest, TheTimeOfTextIsLocalToTheMillisecond) {
  ::setenv("TZ", "UTC-2", 1);
  ::tzset();
  EXPECT_EQ(text_line(at, LogLevel::error, "s: text", LogColour::no), "14:34:56.007 error   s: text\n");
  EXPECT_EQ(text_line(at, LogLevel::warning, "s: text", LogColour::yes),
            "14:34:56.007 \033[33m\033[1mwarning\033[m s: text\n");
  ::unsetenv("TZ");
  ::tzset();
}

}  // namespace log_line_test
}  // namespace skep::detail
