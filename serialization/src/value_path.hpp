#pragma once
// Where in a document a conversion is: built up on the stack, written out only for an error.

#include <cstddef>
#include <string>
#include <string_view>

#include "skep/serialization/errc.hpp"

namespace skep {

struct ValuePath {
  const ValuePath* up = nullptr;
  std::string_view name{};  ///< of a field; empty: an element
  std::size_t index = 0;

  /// "$.readings[2].value"
  [[nodiscard]] std::string text() const {
    if (up == nullptr) return "$";
    return up->text() + (name.empty() ? "[" + std::to_string(index) + "]" : "." + std::string(name));
  }
};

/// Thrown among the files that convert.
struct Unconvertible {
  errc code;
  std::string message;
};

}  // namespace skep
