#pragma once
// TOML text as values that know their place. The only part that includes toml++.
//
// Hostile text costs time linear in its size (checked before toml++ sees it: it bounds neither the parts of a dotted
// key nor, therefore, its own recursion) and is refused with a position.

#include <optional>
#include <string_view>

#include "problem_list.hpp"

namespace skep {

/// The root table; nothing, and an error in `problems`, where the text is no TOML. Dates are reported and left as
/// std::monostate.
[[nodiscard]] std::optional<OptionValue> parse_toml(std::string_view text, ProblemList& problems);
/// The same for more than the first error: lines that are wrong by themselves are reported and left out, up to
/// limits::file_syntax_errors_max; `problems` knows then that lines are missing. Nothing where what is wrong may not be
/// the line's own: a string or a list that never ends.
[[nodiscard]] std::optional<OptionValue> parse_toml_lines(std::string_view text, ProblemList& problems);

}  // namespace skep
