#pragma once
// Pairs the records that a test expects with those that came. Pure.
//
// In the same order they are compared one by one. In any order as many pairs are made as there can be: exact ones by
// their canonical texts, in the time that sorting takes; others by augmenting paths (Kuhn, 1955) over all comparisons,
// of which there are no more than the square of limits::test_loose_records_max.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "skep/runtime/swarm_test.hpp"
#include "testing/json_value.hpp"

namespace skep::testing {

/// A record that came, as a client or peer reads it.
struct Came {
  std::string text{};
  bool is_json = false;
  std::string tensor{};  ///< of one that is a tensor: as JSON
};

/// One of either side, made ready to be compared.
class Comparable {
 public:
  explicit Comparable(const TestRecord& expected);
  explicit Comparable(Came came);

  /// For people.
  [[nodiscard]] const std::string& shown() const noexcept { return tensor_.empty() ? text_ : tensor_; }
  /// Whether the other one, which came, is what this one expects. JSON is compared by value, all else by bytes.
  [[nodiscard]] bool expects(const Comparable& came, const TestMatch& match) const;
  /// Why not, in a line; may be empty.
  [[nodiscard]] std::string why_not(const Comparable& came, const TestMatch& match) const;

 private:
  friend class ExactPairs;
  [[nodiscard]] bool by_value(const Comparable& came) const noexcept;

  TestRecord::Form form_ = TestRecord::Form::text;  ///< of one that came: json if it is
  std::string text_, tensor_;
  std::optional<JsonValue> json_;
};

/// For each that is expected, which one of those that came it is.
using Pairs = std::vector<std::optional<std::size_t>>;

[[nodiscard]] Pairs pair_up(const std::vector<Comparable>& expected, const std::vector<Comparable>& came,
                            const TestMatch& match);
[[nodiscard]] bool complete(const Pairs& pairs) noexcept;

}  // namespace skep::testing
