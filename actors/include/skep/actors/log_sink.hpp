#pragma once
// Where lines of the log go.

#include <cstdint>
#include <functional>
#include <string_view>

namespace skep {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Told a line and whose it is, from any thread.
using LogSink = std::function<void(LogLevel level, std::string_view source, std::string_view text)>;

}  // namespace skep
