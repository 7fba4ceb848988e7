#pragma once
// The word that somebody meant: for messages about names that are not known. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skep {

/// The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its letters), or nothing.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
/// "did you mean 'x'?" or "known: a, b, c" for few candidates.
[[nodiscard]] std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace skep
