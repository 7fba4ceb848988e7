#include "skep/serialization/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace skep {
namespace {

constexpr std::size_t word_bytes_max = 64;  // longer words are not spelling mistakes
constexpr std::size_t known_listed_max = 12;

/// Damerau-Levenshtein distance (optimal string alignment): an insertion, deletion, change or swap of neighbours is 1.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::uint8_t, word_bytes_max + 1>, word_bytes_max + 1> cost;  // of which this much is used
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = static_cast<std::uint8_t>(i);
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      int least = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) least = std::min(least, cost[i - 2][j - 2] + 1);
      cost[i][j] = static_cast<std::uint8_t>(least);
    }
  }
  return cost[a.size()][b.size()];
}

/// Where it ends has to be seen: a test's name is a sentence.
std::string in_list(const std::string& candidate) {
  return candidate.find(' ') == std::string::npos ? candidate : "'" + candidate + "'";
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() < 2 || word.size() > word_bytes_max) return std::nullopt;
  std::optional<std::string> best;
  auto best_distance = std::max<std::size_t>(1, word.size() / 3);
  for (const auto& candidate : candidates) {
    const auto apart = std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size());
    if (candidate.size() > word_bytes_max || apart > best_distance) continue;  // no nearer than their lengths differ
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
  std::string text;
  for (const auto& candidate : candidates) text += (text.empty() ? "known: " : ", ") + in_list(candidate);
  return text;
}

}  // namespace skep
