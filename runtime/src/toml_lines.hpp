#pragma once
// A TOML text line by line, as far as reading can go on behind a syntax error: which lines may be left out without a
// change of what the others mean. Pure, and knows no more of TOML than that.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/option.hpp"

namespace skep {

/// What a line of TOML is, by its looks.
enum class TomlLine : std::uint8_t {
  header,  ///< `[bees.a]`, or what was meant to be one
  key,     ///< `name = value`, with a value that ends on this line
  other,
};
[[nodiscard]] TomlLine looks_like(std::string_view line) noexcept;

/// Lines count from 1.
class TomlLines {
 public:
  explicit TomlLines(std::string_view text);

  /// The text without what was left out; every other line stands where it stood.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string_view line(std::size_t number) const noexcept;  ///< empty if there is none
  /// Leaves out a header or a key. What stands below such a header goes to a table of its own, a stand-in. False for
  /// any other line.
  [[nodiscard]] bool leave_out(std::size_t number);
  /// Takes the stand-ins out of what was read.
  void remove_stand_ins(OptionValue& root) const;

 private:
  std::vector<std::string> lines_;
  std::vector<std::string> stand_ins_;  ///< keys of the root
};

}  // namespace skep
