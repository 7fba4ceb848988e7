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
namespace log_test {

using ::testing::HasSubstr;
using ::testing::Not;

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

TEST(LogTest, ANumberIsANumberInJson) {
  Written written({.format = LogFormat::json});
  written.log().write(LogLevel::info, "s", "text", {{"count", 18'446'744'073'709'551'615u}, {"name", "7"}});
  const auto line = written.lines().at(0);
  EXPECT_TRUE(check_json(line).ok()) << line;
  EXPECT_THAT(line, HasSubstr(R"("count":18446744073709551615,"name":"7")"));
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
  EXPECT_EQ(json.string("$.f"), "xxxxxxxxxxxxx...");
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

/// A pipe that nobody reads until told to.
class Pipe {
 public:
  Pipe() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe(ends_), 0);
    stream_ = ::fdopen(ends_[1], "w");
  }
  ~Pipe() {
    if (reader_.joinable()) reader_.join();
    close_reading_end();
    if (stream_ != nullptr) std::fclose(stream_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::FILE* stream() { return stream_; }
  void close_reading_end() {
    if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
  }
  /// From now on, from another thread.
  void read() {
    reader_ = std::thread([this] {
      char room[1 << 16];
      for (auto bytes = ::read(ends_[0], room, sizeof room); bytes > 0; bytes = ::read(ends_[0], room, sizeof room)) {
        text_.append(room, static_cast<std::size_t>(bytes));
      }
    });
  }
  /// All that was read, once every writer has closed.
  const std::string& text() {
    std::fclose(std::exchange(stream_, nullptr));
    reader_.join();
    return text_;
  }

 private:
  int ends_[2] = {-1, -1};
  std::FILE* stream_ = nullptr;
  std::thread reader_;
  std::string text_;
};

/// A pipe holds 64 KiB.
void write_lines(Log& log, std::size_t count) {
  const std::string text(4000, 'x');
  for (std::size_t i = 0; i < count; ++i) log.write(LogLevel::info, "s", text);
}

constexpr std::size_t more_than_the_pipe = 100;
constexpr std::size_t more_than_the_queue = limits::log_queue_lines_max + more_than_the_pipe;
constexpr std::chrono::seconds slack{2};  // of a busy machine

template <class Call>
std::chrono::nanoseconds duration_of(Call&& call) {
  const auto before = std::chrono::steady_clock::now();
  call();
  return std::chrono::steady_clock::now() - before;
}

TEST(LogTest, AReaderThatStallsLosesTheOldestLinesAndNobodyWaits) {
  Pipe pipe;
  Log log({.stream = pipe.stream()});
  write_lines(log, more_than_the_queue);  // a log that waited would never get through this
  EXPECT_GT(log.lost(), 0u);
  pipe.close_reading_end();
}

TEST(LogTest, LostLinesAreCountedWhereTheyAreMissing) {
  Pipe pipe;
  std::optional<Log> log(Log::Options{.stream = pipe.stream()});
  write_lines(*log, more_than_the_queue);
  const auto lost = log->lost();
  pipe.read();
  log.reset();
  EXPECT_THAT(pipe.text(), HasSubstr(std::to_string(lost) + " lines are lost"));
}

TEST(LogTest, LinesThatCannotBeWrittenAreLost) {
  std::FILE* full = std::fopen("/dev/full", "w");
  Log log({.stream = full});
  log.last_words(LogLevel::info, "s", "no room");
  EXPECT_EQ(log.lost(), 1u);
  std::fclose(full);
}

TEST(LogTest, TheEndWaitsForAReaderOnlySoLong) {
  Pipe pipe;
  std::optional<Log> log(Log::Options{.stream = pipe.stream()});
  write_lines(*log, more_than_the_pipe);
  const auto duration = duration_of([&] { log.reset(); });
  EXPECT_GE(duration, limits::log_flush_time_max);
  EXPECT_LT(duration, limits::log_flush_time_max + slack);
}

TEST(LogTest, TheEndWaitsForAReaderThatReads) {
  Pipe pipe;
  std::optional<Log> log(Log::Options{.stream = pipe.stream()});
  write_lines(*log, more_than_the_pipe);
  log->write(LogLevel::info, "s", "the end");
  pipe.read();
  log.reset();
  EXPECT_THAT(pipe.text(), HasSubstr("the end"));
}

TEST(LogTest, LastWordsWaitForAReaderOnlySoLong) {
  Pipe pipe;
  Log log({.stream = pipe.stream()});
  write_lines(log, more_than_the_pipe);
  const auto duration = duration_of([&] { log.last_words(LogLevel::error, "s", "enough"); });
  EXPECT_GE(duration, limits::log_last_words_time_max);
  EXPECT_LT(duration, limits::log_last_words_time_max + slack);
  pipe.close_reading_end();
}

TEST(LogTest, LastWordsComeAfterWhatIsQueued) {
  Written written({});
  for (int i = 0; i < 100; ++i) written.log().write(LogLevel::info, "s", "before");
  written.log().last_words(LogLevel::error, "s", "enough");
  const auto lines = written.lines();
  ASSERT_EQ(lines.size(), 101u);
  EXPECT_THAT(lines.back(), HasSubstr("enough"));
}

TEST(LogTest, LastWordsComeNextWhereTheReaderIsTooSlowForTheOthers) {
  Pipe pipe;
  std::optional<Log> log(Log::Options{.stream = pipe.stream()});
  write_lines(*log, more_than_the_pipe);
  log->last_words(LogLevel::error, "s", "enough");
  pipe.read();
  log.reset();
  const auto& text = pipe.text();
  EXPECT_THAT(text, HasSubstr("enough"));
  EXPECT_THAT(text, HasSubstr("lines are lost"));
  EXPECT_LT(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(more_than_the_pipe));
}

TEST(LogTest, NamesOfLevelsAreReadBack) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    EXPECT_EQ(log_level_from(to_string(level)), level);
  }
  EXPECT_EQ(log_level_from("verbose"), std::nullopt);
}

}  // namespace log_test
}  // namespace skep
