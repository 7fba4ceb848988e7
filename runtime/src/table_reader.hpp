#pragma once
// Reads one table of a file key by key, with every mistake reported where it stands.
//
// What was asked for is what is known: keys left over at the end are unknown ones.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "problem_list.hpp"

namespace skep {

/// "a string", "an integer", "a table", ...
[[nodiscard]] std::string_view kind_of(const OptionValue& value) noexcept;
[[nodiscard]] inline bool is_table(const OptionValue& value) noexcept {
  return std::holds_alternative<OptionValue::Table>(value.value);
}
/// Whether `name` may name a bee, a gateway, a swarm: [a-z][a-z0-9_]*, at most limits::name_bytes_max.
[[nodiscard]] bool is_name(std::string_view name) noexcept;
/// Reports what `is_name` has against it.
void check_name(std::string_view name, std::string_view what, SourcePosition position, ProblemList& problems);
/// Reports "expected ..., got a table"; not where the value is one that was reported when it was parsed.
void report_type(const OptionValue& value, std::string_view expected, ProblemList& problems);

class TableReader {
 public:
  using Member = OptionValue::Member;

  /// `table` is a table. `what` names it in messages ("bee 'normalize'"), `position` is where it begins.
  TableReader(const OptionValue& table, std::string what, SourcePosition position, ProblemList& problems);

  /// Null where the key is not there.
  [[nodiscard]] const Member* find(std::string_view key);
  /// As `find`, but reports a key that is not there. One that is misspelt is left to `report_unknown_keys`.
  [[nodiscard]] const Member* require(std::string_view key, std::string_view example);

  /// What stands where `key` should, a letter or two off; null if nothing does.
  [[nodiscard]] const Member* misspelt(std::string_view key) const;

  // Nothing where the key is not there, or its value was reported as wrong.
  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<std::uint32_t> count(std::string_view key, std::uint32_t min, std::uint32_t max);
  [[nodiscard]] std::optional<std::chrono::nanoseconds> duration(std::string_view key, std::chrono::nanoseconds max);
  [[nodiscard]] std::optional<std::size_t> bytes(std::string_view key);
  /// One of a few words; `from_text` knows which.
  template <class Choice>
  [[nodiscard]] std::optional<Choice> choice(std::string_view key, const std::vector<std::string>& words,
                                             std::optional<Choice> (*from_text)(std::string_view)) {
    const auto word = one_of(key, words);
    return word ? from_text(*word) : std::nullopt;
  }

  void report_unknown_keys() const;

 private:
  [[nodiscard]] std::optional<std::string> one_of(std::string_view key, const std::vector<std::string>& words);

  const OptionValue::Table& table_;
  std::string what_;
  SourcePosition position_;
  ProblemList& problems_;
  std::vector<std::string> known_;
};

}  // namespace skep
