#pragma once
// Collects what is wrong with one file, in any order, and hands it out in file order.

#include <string>
#include <vector>

#include "skep/runtime/swarm_spec.hpp"

namespace skep {

class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}

  void error(SourcePosition position, std::string message, std::string suggestion = {});
  void warning(SourcePosition position, std::string message, std::string suggestion = {});
  /// What a class has against its options.
  void add(const std::vector<OptionProblem>& problems);
  void add(std::vector<Problem> problems);

  /// More than will be shown: not worth looking for suggestions any more.
  [[nodiscard]] bool full() const noexcept;
  /// Lines could not be read: what is not there may stand in one of them, and is not missed.
  bool lines_missing = false;

  /// In file order, each once; past limits::file_problems_max only their number.
  [[nodiscard]] std::vector<Problem> take() &&;

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace skep
