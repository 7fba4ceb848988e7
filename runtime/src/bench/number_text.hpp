#pragma once
// Numbers of a report, as people read them. Pure.

#include <chrono>
#include <string>

namespace skep::bench {

/// As short as it may be: "0.001", "10000000", "1234.5".
[[nodiscard]] std::string number_text(double number);
/// With one decimal up to a thousand: "12.3", "12345".
[[nodiscard]] std::string rate_text(double rate);
/// Three digits and a unit: "213us", "1.24ms", "30.0s".
[[nodiscard]] std::string latency_text(std::chrono::nanoseconds latency);

}  // namespace skep::bench
