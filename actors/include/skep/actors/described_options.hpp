#pragma once
// Options of a class of which only the descriptions are known: checks a table by their types and rules. Pure.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/option.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class DescribedOptions {
 public:
  /// Errors: `errc::incompatible`, for an option of a type that is not known here. `class_name` is for its message.
  [[nodiscard]] static Result<DescribedOptions> of(const std::string& class_name,
                                                   std::vector<OptionDescription> descriptions);

  /// Every problem of `table`.
  [[nodiscard]] std::vector<OptionProblem> check(const OptionValue& table, SourcePosition where) const;

 private:
  using Check = std::function<std::optional<std::string>(const OptionValue&, const OptionRules&)>;

  DescribedOptions(std::vector<OptionDescription> descriptions, std::vector<Check> checks)
      : descriptions_(std::move(descriptions)), checks_(std::move(checks)) {}

  std::vector<OptionDescription> descriptions_;
  std::vector<Check> checks_;  ///< by index of `descriptions_`
};

}  // namespace skep
