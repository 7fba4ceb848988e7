#pragma once
// The body of one log line, from text that nobody vouches for. Pure.

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "skep/runtime/log.hpp"

namespace skep::detail {

struct LogLine {
  std::string_view source;
  std::string_view text;
  std::span<const LogField> fields;
};

struct LogTextLimits {
  std::size_t line_bytes_max;
  std::size_t field_bytes_max;
};

/// Escapes what a reader or a terminal could take for more than text: controls (also the 8-bit ones), direction
/// overrides, bytes that are not UTF-8. At most `bytes_max` bytes; what was cut off is shown by "...".
[[nodiscard]] std::string escaped(std::string_view text, LogFormat format, std::size_t bytes_max);

/// `"source":"...","text":"...","address":"..."` or `source: text address=...`.
[[nodiscard]] std::string line_body(const LogLine& line, LogFormat format, LogTextLimits limits);

/// `{"time":"2026-01-31T12:00:00.000000Z","level":"info",<body>}` and a line end.
[[nodiscard]] std::string json_line(std::chrono::system_clock::time_point at, LogLevel level, std::string_view body);
/// `12:00:00.000 info    <body>` and a line end, in local time.
[[nodiscard]] std::string text_line(std::chrono::system_clock::time_point at, LogLevel level, std::string_view body,
                                    LogColour colour);

}  // namespace skep::detail
