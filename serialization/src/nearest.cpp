#include "skep/serialization/nearest.hpp"

#include <algorithm>

namespace skep {
namespace {

/// Damerau-Levenshtein distance (optimal string alignment): an insertion, deletion, change or swap of neighbours is 1.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

constexpr std::size_t word_bytes_max = 64;  // longer words are not spelling mistakes
constexpr std::size_t known_listed_max = 12;

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() < 2 || word.size() > word_bytes_max) return std::nullopt;
  std::optional<std::string> best;
  auto best_distance = std::max<std::size_t>(1, word.size() / 3);
  for (const auto& candidate : candidates) {
    if (candidate.size() > word_bytes_max) continue;
    const auto far = distance(word, candidate);
    if (far > best_distance || (best && far == best_distance)) continue;
    best = candidate;
    best_distance = far;
  }
  return best;
}

std::string suggest(std::string_view word, const std::vector<std::string>& candidates) {
  if (const auto near = nearest(word, candidates)) return "did you mean '" + *near + "'?";
  if (candidates.empty() || candidates.size() > known_listed_max) return "";
  std::string text = "known: ";
  for (const auto& candidate : candidates) text += (&candidate == &candidates.front() ? "" : ", ") + candidate;
  return text;
}

}  // namespace skep
