#pragma once
// Names of classes that users register: "library.class". Pure.

#include <string_view>

namespace skep {

/// Whether it is of that form: lower-case letters, digits and `_`, one dot, each word beginning with a letter.
[[nodiscard]] bool is_class_name(std::string_view name) noexcept;

}  // namespace skep
