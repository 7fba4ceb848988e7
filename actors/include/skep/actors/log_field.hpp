#pragma once
// What a line of the log has beside its text, for whoever filters lines by it.

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <variant>

#include "skep/actors/log_sink.hpp"

namespace skep {

/// A named value beside a line's text; a JSON string or number.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t> value;
};

/// Told a line with its fields and whose it is, from any thread.
using LogFieldSink = std::function<void(LogLevel level, std::string_view source, std::string_view text,
                                        std::span<const LogField> fields)>;

}  // namespace skep
