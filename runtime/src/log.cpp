#include "skep/runtime/log.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <array>
#include <chrono>
#include <thread>

#include "log_text.hpp"

namespace skep {
namespace {

using StreamSink = spdlog::sinks::ansicolor_sink<spdlog::details::console_mutex>;

template <class T>
using Shared = std::shared_ptr<T>;  // spdlog's interface wants it

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::unique_ptr<spdlog::formatter> formatter(LogFormat format) {
  if (format == LogFormat::text) return std::make_unique<spdlog::pattern_formatter>("%H:%M:%S.%e %^%-7l%$ %v");
  return std::make_unique<spdlog::pattern_formatter>(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})",
                                                     spdlog::pattern_time_type::utc);
}

Shared<StreamSink> make_sink(const Log::Options& options) {
  const bool coloured = options.format == LogFormat::text && options.colour == LogColour::yes;
  auto sink =
      std::make_shared<StreamSink>(options.stream, coloured ? spdlog::color_mode::always : spdlog::color_mode::never);
  sink->set_formatter(formatter(options.format));
  return sink;
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
      : options(given),
        writer(std::make_shared<spdlog::details::thread_pool>(limits::log_queue_lines_max, 1)),
        sink(make_sink(given)),
        logger(std::make_shared<spdlog::async_logger>("skep", sink, writer,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_level(spdlog_level(given.level));
  }

  [[nodiscard]] std::string body(const detail::LogLine& line) const {
    return detail::line_body(line, options.format, {options.line_bytes_max, options.field_bytes_max});
  }

  Options options;
  Shared<spdlog::details::thread_pool> writer;
  Shared<StreamSink> sink;
  Shared<spdlog::async_logger> logger;
};

Log::Log(const Options& options) : parts_(std::make_unique<Parts>(options)) {}

Log::~Log() {
  const auto lost = this->lost();
  parts_->logger.reset();
  parts_->writer.reset();  // writes what is queued
  if (lost > 0) write_now(LogLevel::warning, "log", std::to_string(lost) + " lines are lost: nobody read the log");
}

void Log::write(LogLevel level, std::string_view source, std::string_view text, std::span<const LogField> fields) {
  const auto severity = spdlog_level(level);
  if (!parts_->logger->should_log(severity)) return;
  const auto body = parts_->body({source, text, fields});
  parts_->logger->log(severity, spdlog::string_view_t(body.data(), body.size()));
}

void Log::flush() {
  const auto until = std::chrono::steady_clock::now() + limits::log_flush_time_max;
  while (parts_->writer->queue_size() != 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
}

void Log::write_now(LogLevel level, std::string_view source, std::string_view text) {
  const auto body = parts_->body({source, text, {}});
  parts_->sink->log({"skep", spdlog_level(level), spdlog::string_view_t(body.data(), body.size())});
}

LogSink Log::sink() {
  return [this](LogLevel level, std::string_view source, std::string_view text) { write(level, source, text); };
}

std::uint64_t Log::lost() const {
  return parts_->writer->overrun_counter();
}

}  // namespace skep
