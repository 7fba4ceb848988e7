#include "skep/runtime/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "skep/serialization/json.hpp"

namespace skep {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A log into memory; `lines` ends it.
class Written {
 public:
  explicit Written(Log::Options options) : file_(std::tmpfile()) {
    options.stream = file_;
    log_.emplace(options);
  }
  ~Written() { std::fclose(file_); }

  Log& log() { return *log_; }
  std::vector<std::string> lines() {
    log_.reset();
    std::rewind(file_);
    std::vector<std::string> lines;
    std::string line;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      if (c != '\n')
        line += static_cast<char>(c);
      else
        lines.push_back(std::exchange(line, {}));
    }
    return lines;
  }

 private:
  std::FILE* file_;
  std::optional<Log> log_;
};

JsonDocument parsed(const std::string& line) {
  auto document = JsonDocument::parse(line);
  EXPECT_TRUE(document.ok()) << line;
  return std::move(document).value();
}

TEST(LogTest, ALineIsOneJsonObjectWithTimeLevelSourceTextAndFields) {
  Written written({.format = LogFormat::json});
  written.log().write(LogLevel::warning, "digits.audit", "it is \"open\"", {{"address", "127.0.0.1:8080"}});
  const auto lines = written.lines();
  ASSERT_EQ(lines.size(), 1u);
  const auto json = parsed(lines[0]);
  EXPECT_EQ(json.string("$.level"), "warning");
  EXPECT_EQ(json.string("$.source"), "digits.audit");
  EXPECT_EQ(json.string("$.text"), "it is \"open\"");
  EXPECT_EQ(json.string("$.address"), "127.0.0.1:8080");
  const auto time = std::string(json.string("$.time").value_or(""));
  EXPECT_EQ(time.size(), std::string_view("2026-01-01T00:00:00.000000Z").size()) << time;
}

TEST(LogTest, LinesBelowTheLevelAreNotWritten) {
  Written written({.level = LogLevel::warning});
  written.log().write(LogLevel::info, "a", "quiet");
  written.log().write(LogLevel::error, "a", "loud");
  const auto lines = written.lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("loud"));
}

TEST(LogTest, TextCannotForgeASecondLineOrDriveATerminal) {
  const std::string hostile =
      "a\n{\"level\":\"error\"}\r\x1b[2J\x7f\xC2\x9B"
      "31m\xE2\x80\xAE\xE2\x80\xA8z";
  for (const auto format : {LogFormat::json, LogFormat::text}) {
    Written written({.format = format});
    written.log().write(LogLevel::info, hostile, hostile, {{"field", hostile}});
    const auto lines = written.lines();
    ASSERT_EQ(lines.size(), 1u);
    for (const char* forbidden : {"\r", "\x1b", "\x7f", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x80\xA8"}) {
      EXPECT_THAT(lines[0], Not(HasSubstr(forbidden)));
    }
    EXPECT_THAT(lines[0], HasSubstr("\\u001b[2J"));
  }
}

TEST(LogTest, JsonKeepsEveryCharacterOfAHostileText) {
  const std::string hostile = "a\n\"b\\\x1b[0m\tz";
  Written written({.format = LogFormat::json});
  written.log().write(LogLevel::info, "s", hostile);
  EXPECT_EQ(parsed(written.lines().at(0)).string("$.text"), hostile);
}

TEST(LogTest, BrokenUtf8BecomesReplacementCharacters) {
  for (const std::string broken : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82"}) {
    Written written({.format = LogFormat::json});
    written.log().write(LogLevel::info, "s", "x" + broken);
    const auto line = written.lines().at(0);
    EXPECT_TRUE(check_json(line).ok()) << line;
    EXPECT_THAT(line, HasSubstr("x\xEF\xBF\xBD"));
  }
}

TEST(LogTest, ALineHoldsNoMoreThanItsLimit) {
  for (const auto format : {LogFormat::json, LogFormat::text}) {
    Written written({.format = format});
    written.log().write(LogLevel::info, "s", std::string(10 * limits::log_line_bytes_max, '\n'));
    const auto line = written.lines().at(0);
    constexpr std::size_t prefix_bytes = 80;  // time and level
    EXPECT_LE(line.size(), limits::log_line_bytes_max + prefix_bytes);
    EXPECT_GE(line.size(), limits::log_line_bytes_max - prefix_bytes);
    EXPECT_THAT(line, HasSubstr("..."));
    if (format == LogFormat::json) {
      EXPECT_TRUE(check_json(line).ok()) << line;
    }
  }
}

TEST(LogTest, AFieldHoldsNoMoreThanItsLimit) {
  Written written({.format = LogFormat::json, .field_bytes_max = 16});
  written.log().write(LogLevel::info, "s", "text", {{"f", std::string(17, 'x')}, {"g", std::string(16, 'y')}});
  const auto json = parsed(written.lines().at(0));
  EXPECT_EQ(json.string("$.f"), std::string(13, 'x') + "...");
  EXPECT_EQ(json.string("$.g"), std::string(16, 'y'));
}

TEST(LogTest, TheLimitOfAFieldHasADefault) {
  Written written({});
  written.log().write(LogLevel::info, "s", "text", {{"f", std::string(2 * limits::log_field_bytes_max, 'x')}});
  EXPECT_EQ(parsed(written.lines().at(0)).string("$.f")->size(), limits::log_field_bytes_max);
}

TEST(LogTest, FieldsThatDoNotFitGoAltogether) {
  Written written({.format = LogFormat::json, .line_bytes_max = 1024});
  const std::string value(500, 'x');
  written.log().write(LogLevel::info, "s", "text", {{"a", value}, {"b", value}, {"c", value}});
  const auto json = parsed(written.lines().at(0));
  EXPECT_EQ(json.string("$.text"), "text");
  EXPECT_EQ(json.string("$.cut"), "fields");
}

TEST(LogTest, OnlyTheTextFormHasColoursAndOnlyIfAsked) {
  const auto line = [](LogFormat format, LogColour colour) {
    Written written({.format = format, .colour = colour});
    written.log().write(LogLevel::error, "s", "text");
    return written.lines().at(0);
  };
  EXPECT_THAT(line(LogFormat::text, LogColour::yes), HasSubstr("\x1b["));
  EXPECT_THAT(line(LogFormat::text, LogColour::no), Not(HasSubstr("\x1b")));
  EXPECT_THAT(line(LogFormat::json, LogColour::yes), Not(HasSubstr("\x1b")));
}

TEST(LogTest, TheSinkWritesWhereTheLogDoes) {
  Written written({});
  written.log().sink()(LogLevel::info, "bee", "hello");
  EXPECT_THAT(written.lines().at(0), HasSubstr("\"source\":\"bee\",\"text\":\"hello\""));
}

TEST(LogTest, AReaderThatStallsLosesTheOldestLinesAndNobodyWaits) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::FILE* stream = ::fdopen(ends[1], "w");
  {
    Log log({.stream = stream});
    const std::string text(4000, 'x');
    // More than the pipe (64 KiB) and the queue hold: a log that waited would never get through this.
    for (std::size_t i = 0; i < limits::log_queue_lines_max + 100; ++i) log.write(LogLevel::info, "s", text);
    EXPECT_GT(log.lost(), 0u);
    ::close(ends[0]);  // lets the writer end: it gets EPIPE
  }
  std::fclose(stream);
}

TEST(LogTest, LostLinesAreCountedInTheLastOne) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::FILE* stream = ::fdopen(ends[1], "w");
  std::optional<Log> log(Log::Options{.stream = stream});
  const std::string text(4000, 'x');
  for (std::size_t i = 0; i < limits::log_queue_lines_max + 100; ++i) log->write(LogLevel::info, "s", text);
  const auto lost = log->lost();
  std::string tail;
  std::thread reader([&] {
    char room[1 << 16];
    for (auto bytes = ::read(ends[0], room, sizeof room); bytes > 0; bytes = ::read(ends[0], room, sizeof room)) {
      tail.append(room, static_cast<std::size_t>(bytes));
      tail.erase(0, tail.size() - std::min<std::size_t>(tail.size(), 1000));
    }
  });
  log.reset();
  std::fclose(stream);
  reader.join();
  ::close(ends[0]);
  EXPECT_THAT(tail, HasSubstr(std::to_string(lost) + " lines are lost"));
}

TEST(LogTest, FlushingWaitsForAReaderOnlySoLong) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::FILE* stream = ::fdopen(ends[1], "w");
  {
    Log log({.stream = stream});
    const std::string text(4000, 'x');
    for (int i = 0; i < 100; ++i) log.write(LogLevel::info, "s", text);  // more than the pipe holds
    const auto before = std::chrono::steady_clock::now();
    log.flush();
    EXPECT_GE(std::chrono::steady_clock::now() - before, limits::log_flush_time_max);
    ::close(ends[0]);
  }
  std::fclose(stream);
}

TEST(LogTest, NamesOfLevelsAreReadBack) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    EXPECT_EQ(log_level_from(to_string(level)), level);
  }
  EXPECT_EQ(log_level_from("verbose"), std::nullopt);
}

}  // namespace
}  // namespace skep
