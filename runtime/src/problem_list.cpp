#include "problem_list.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "skep/runtime/limits.hpp"

namespace skep {

namespace {

/// Two checks may find one mistake, at its one place. Without places, in a spec made in code, two bees may have it.
std::vector<Problem> without_repeats(const std::vector<Problem>& problems) {
  std::set<std::pair<SourcePosition, std::string_view>> said;
  std::vector<Problem> once;
  for (const auto& problem : problems) {
    const bool known = problem.position != SourcePosition{};
    if (!known || said.emplace(problem.position, problem.message).second) once.push_back(problem);
  }
  return once;
}

}  // namespace

void ProblemList::error(SourcePosition position, std::string message, std::string suggestion) {
  problems_.push_back({Problem::Severity::error, file_, position, std::move(message), std::move(suggestion)});
}

void ProblemList::warning(SourcePosition position, std::string message, std::string suggestion) {
  problems_.push_back({Problem::Severity::warning, file_, position, std::move(message), std::move(suggestion)});
}

void ProblemList::add(const std::vector<OptionProblem>& problems) {
  for (const auto& problem : problems) {
    if (!problem.message.empty()) error(problem.position, problem.message, problem.suggestion);
  }
}

void ProblemList::add(std::vector<Problem> problems) {
  std::move(problems.begin(), problems.end(), std::back_inserter(problems_));
}

bool ProblemList::full() const noexcept {
  return problems_.size() > limits::file_problems_max;
}

std::vector<Problem> ProblemList::take() && {
  std::ranges::stable_sort(problems_, {}, &Problem::position);
  problems_ = without_repeats(problems_);
  if (problems_.size() > limits::file_problems_max) {
    std::uint64_t more = 0;
    for (auto i = limits::file_problems_max; i < problems_.size(); ++i)
      more += std::max<std::uint64_t>(1, problems_[i].more);
    const auto error = Problem::Severity::error;
    const bool errors_among = std::any_of(problems_.begin() + limits::file_problems_max, problems_.end(),
                                          [](const Problem& p) { return p.severity == error; });
    problems_.resize(limits::file_problems_max);
    problems_.push_back({errors_among ? error : Problem::Severity::warning, file_, problems_.back().position,
                         "and at least " + std::to_string(more) + " more", "", more});
  }
  return std::move(problems_);
}

}  // namespace skep
