#pragma once
// The two things of JSON text that are not plain: strings and numbers.

#include <string>
#include <string_view>

namespace skep {

/// Appends `text` quoted and escaped; what is not UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::string& out);

/// Appends the shortest digits that read back to the same number. False for NaN and infinities, which have no JSON.
[[nodiscard]] bool append_json_number(double number, std::string& out);
[[nodiscard]] bool append_json_number(float number, std::string& out);

}  // namespace skep
