#include "testing/record_diff.hpp"

#include <algorithm>

#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep::testing {
namespace {

constexpr std::size_t cells_max = 40'000;     // of an alignment: 200 records on each side
constexpr std::size_t matched_shown_max = 2;  // on either side of a difference

/// An expected record, one that came, or both where they match.
struct Step {
  std::optional<std::size_t> expected;
  std::optional<std::size_t> came;
  [[nodiscard]] bool matches() const { return expected && came; }
};
using Steps = std::vector<Step>;

/// In order: as many matches as there can be, between what both sides have alike at begin and end.
class Alignment {
 public:
  Alignment(const std::vector<Comparable>& expected, const std::vector<Comparable>& came, const TestMatch& match)
      : expected_(expected), came_(came), match_(match) {}

  Steps steps() {
    std::size_t begin = 0, expected_end = expected_.size(), came_end = came_.size();
    for (; begin < std::min(expected_end, came_end) && alike(begin, begin); ++begin) both(begin, begin);
    for (; expected_end > begin && came_end > begin && alike(expected_end - 1, came_end - 1); --came_end) {
      --expected_end;
    }
    align(begin, expected_end, came_end);
    for (auto i = expected_end; i < expected_.size(); ++i) both(i, came_end + i - expected_end);
    return std::move(steps_);
  }

 private:
  [[nodiscard]] bool alike(std::size_t expected, std::size_t came) const {
    return expected_[expected].expects(came_[came], match_);
  }
  void both(std::size_t expected, std::size_t came) { steps_.push_back({expected, came}); }

  void align(std::size_t begin, std::size_t expected_end, std::size_t came_end) {
    const auto rows = expected_end - begin, columns = came_end - begin;
    if (rows * columns <= cells_max) return align_all(begin, rows, columns);
    for (auto i = begin; i < expected_end; ++i) steps_.push_back({i, std::nullopt});
    for (auto i = begin; i < came_end; ++i) steps_.push_back({std::nullopt, i});
  }

  /// The longest common subsequence, from the lengths of those of all ends.
  void align_all(std::size_t begin, std::size_t rows, std::size_t columns) {
    std::vector<std::uint16_t> lengths((rows + 1) * (columns + 1));
    std::vector<bool> same(rows * columns);
    const auto at = [&](std::size_t row, std::size_t column) -> std::uint16_t& {
      return lengths[row * (columns + 1) + column];
    };
    for (auto row = rows; row-- > 0;) {
      for (auto column = columns; column-- > 0;) {
        const bool is_same = alike(begin + row, begin + column);
        same[row * columns + column] = is_same;
        at(row, column) = is_same ? static_cast<std::uint16_t>(at(row + 1, column + 1) + 1)
                                  : std::max(at(row + 1, column), at(row, column + 1));
      }
    }
    std::size_t row = 0, column = 0;
    while (row < rows || column < columns) {
      if (row < rows && column < columns && same[row * columns + column]) {
        both(begin + row++, begin + column++);
      } else if (column == columns || (row < rows && at(row + 1, column) >= at(row, column + 1))) {
        steps_.push_back({begin + row++, std::nullopt});
      } else {
        steps_.push_back({std::nullopt, begin + column++});
      }
    }
  }

  const std::vector<Comparable>& expected_;
  const std::vector<Comparable>& came_;
  const TestMatch& match_;
  Steps steps_;
};

Steps steps_of(const Pairs& pairs, std::size_t came_count) {
  Steps steps;
  std::vector<bool> paired(came_count);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i]) continue;
    steps.push_back({i, pairs[i]});
    paired[*pairs[i]] = true;
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i]) steps.push_back({i, std::nullopt});
  }
  for (std::size_t i = 0; i < came_count; ++i) {
    if (!paired[i]) steps.push_back({std::nullopt, i});
  }
  return steps;
}

class Lines {
 public:
  Lines(const std::vector<Comparable>& expected, const std::vector<Comparable>& came, const TestMatch& match)
      : expected_(expected), came_(came), match_(match) {}

  std::vector<std::string> of(const Steps& steps) {
    for (std::size_t i = 0; i < steps.size();) {
      const bool matches = steps[i].matches();
      const auto end = std::find_if(steps.begin() + static_cast<std::ptrdiff_t>(i), steps.end(),
                                    [&](const Step& step) { return step.matches() != matches; });
      const Steps run(steps.begin() + static_cast<std::ptrdiff_t>(i), end);
      if (matches) {
        add_matches(run, i == 0, end == steps.end());
      } else {
        add_differences(run);
      }
      i += run.size();
    }
    if (left_out_ > 0) lines_.push_back("  ... and " + counted(left_out_, "record") + " more that differ");
    return std::move(lines_);
  }

 private:
  /// Those next to a difference, and how many there are else.
  void add_matches(const Steps& run, bool first, bool last) {
    if (left_out_ > 0) return;
    const auto before = first ? 0 : matched_shown_max, after = last ? 0 : matched_shown_max;
    for (std::size_t i = 0; i < run.size(); ++i) {
      const bool shown = i < before || i + after >= run.size() || run.size() <= before + after + 1;
      if (shown) lines_.push_back("    " + shown_record(came_[*run[i].came].shown()));
      if (!shown && i == before) {
        lines_.push_back("    ... " + counted(run.size() - before - after, "record") + " as expected");
      }
    }
  }

  /// What was expected beside what came instead.
  void add_differences(const Steps& run) {
    std::vector<std::size_t> missing, other;
    for (const auto& step : run) {
      if (step.expected) missing.push_back(*step.expected);
      if (step.came) other.push_back(*step.came);
    }
    for (std::size_t i = 0; i < std::max(missing.size(), other.size()); ++i) {
      if (i < missing.size()) add("  - ", expected_[missing[i]]);
      if (i < other.size()) add("  + ", came_[other[i]]);
      if (i >= missing.size() || i >= other.size() || left_out_ > 0) continue;
      const auto why = expected_[missing[i]].why_not(came_[other[i]], match_);
      if (!why.empty()) lines_.push_back("      " + shown_record(why));
    }
  }

  void add(const char* mark, const Comparable& record) {
    if (shown_++ < limits::test_shown_records_max) {
      lines_.push_back(mark + shown_record(record.shown()));
    } else {
      ++left_out_;
    }
  }

  const std::vector<Comparable>& expected_;
  const std::vector<Comparable>& came_;
  const TestMatch& match_;
  std::vector<std::string> lines_;
  std::size_t shown_ = 0, left_out_ = 0;
};

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = utf8_sequence(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "hex";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {' ', digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

}  // namespace

std::vector<std::string> record_diff(const std::vector<Comparable>& expected, const std::vector<Comparable>& came,
                                     const TestMatch& match) {
  const auto steps = match.any_order ? steps_of(pair_up(expected, came, match), came.size())
                                     : Alignment(expected, came, match).steps();
  return Lines(expected, came, match).of(steps);
}

std::string shown_record(const std::string& bytes) {
  const auto end = bytes.size() > limits::test_shown_bytes_max ? " ... (" + counted(bytes.size(), "byte") + ")" : "";
  const auto prefix = utf8_prefix(bytes, limits::test_shown_bytes_max);
  return (is_text(prefix) ? printable(prefix) : hex(prefix.substr(0, limits::test_shown_bytes_max / 3))) + end;
}

}  // namespace skep::testing
