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

}  // namespace skep
