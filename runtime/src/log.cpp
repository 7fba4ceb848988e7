#include "skep/runtime/log.hpp"

#include <array>
#include <chrono>

#include "log_text.hpp"
#include "log_writer.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

std::string line_of(const Log::Options& options, LogLevel level, const detail::LogLine& line) {
  const detail::LogTextLimits limits{options.line_bytes_max, options.field_bytes_max};
  const auto body = detail::line_body(line, options.format, limits);
  const auto now = std::chrono::system_clock::now();
  if (options.format == LogFormat::json) return detail::json_line(now, level, body);
  return detail::text_line(now, level, body, options.colour);
}

std::string lost_line(const Log::Options& options, std::uint64_t lines) {
  const auto text = counted(lines, "line").append(" ").append(is_or_are(lines)) +
                    " lost: nobody read the log, or it could not be written";
  const LogField field{"lines", lines};
  return line_of(options, LogLevel::warning, {"log", text, {&field, 1}});
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  return level_names[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> log_level_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

struct Log::Parts {
  explicit Parts(const Options& given)
      : options(given), writer(::fileno(given.stream), limits::log_queue_lines_max, [given](std::uint64_t lines) {
          return lost_line(given, lines);
        }) {}

  Options options;
  detail::LogWriter writer;
};

Log::Log(const Options& options) : parts_(std::make_unique<Parts>(options)) {}
Log::~Log() = default;

void Log::write(LogLevel level, std::string_view source, std::string_view text, std::span<const LogField> fields) {
  if (level < parts_->options.level) return;
  parts_->writer.push(line_of(parts_->options, level, {source, text, fields}));
}

void Log::write_line(std::string line) {
  line += '\n';
  parts_->writer.push(std::move(line));
}

void Log::last_words(LogLevel level, std::string_view source, std::string_view text) {
  parts_->writer.last(line_of(parts_->options, level, {source, text, {}}), limits::log_last_words_time_max);
}

LogSink Log::sink() {
  return [this](LogLevel level, std::string_view source, std::string_view text) { write(level, source, text); };
}

std::uint64_t Log::lost() const {
  return parts_->writer.lost();
}

}  // namespace skep
