#pragma once
// The options of a verb as `--help` shows them: one plain style for all. Pure.

#include <string>
#include <vector>

namespace skep::cli {

struct OptionLine {
  std::string flags;  ///< "-o, --output"
  std::string value;  ///< "FORM"; empty for an option without one
  std::string doc;    ///< what it is for, with its default
};

/// A line for each, "  --log.level LEVEL   what it is for", the words of all in one column, wrapped at 110 characters.
[[nodiscard]] std::string option_text(const std::vector<OptionLine>& lines);

}  // namespace skep::cli
