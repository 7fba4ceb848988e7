#pragma once
// The process's log: one JSON object a line, or short coloured text where a person watches.
//
// Whatever a line is made of may come from a client, so it is escaped: control characters, terminal sequences and
// broken UTF-8 cannot forge a second line or drive a terminal. Never blocks: a thread of its own writes, and when its
// reader stalls the oldest lines go, counted; the process's end waits for a reader only so long. Lifetime: outlives
// every sink it gave out. Threads: any.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/log_field.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {

enum class LogFormat : std::uint8_t { json, text };
enum class LogColour : std::uint8_t { no, yes };

[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;
[[nodiscard]] std::optional<LogLevel> log_level_from(std::string_view name) noexcept;

class Log {
 public:
  struct Options {
    LogFormat format = LogFormat::json;
    LogColour colour = LogColour::no;  ///< of the text form
    LogLevel level = LogLevel::info;   ///< and above
    std::size_t line_bytes_max = limits::log_line_bytes_max;
    std::size_t field_bytes_max = limits::log_field_bytes_max;
    std::FILE* stream = stderr;  ///< stays the caller's
  };

  explicit Log(const Options& options);
  ~Log();  ///< waits for what is queued to be written, for limits::log_flush_time_max at most

  /// `{"time":"...","level":"info","source":"digits.audit","text":"...","address":"..."}`
  void write(LogLevel level, std::string_view source, std::string_view text, std::span<const LogField> fields = {});
  void write(LogLevel level, std::string_view source, std::string_view text, std::initializer_list<LogField> fields) {
    write(level, source, text, std::span(fields.begin(), fields.size()));
  }
  /// A line as it is, in its turn, whatever the form and the level.
  void write_line(std::string line);
  /// What a process says before it ends at once: comes after what is queued, or instead of it where its reader is too
  /// slow. Waits for that, for limits::log_last_words_time_max at most.
  void last_words(LogLevel level, std::string_view source, std::string_view text);
  [[nodiscard]] LogSink sink();
  /// Lines lost because nobody read the stream, or it could not be written. The next line that can be says so.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep
