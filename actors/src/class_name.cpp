#include "skep/actors/class_name.hpp"

#include <algorithm>

namespace skep {
namespace {

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_word(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && std::all_of(text.begin(), text.end(), is_name_letter);
}

}  // namespace

bool is_class_name(std::string_view name) noexcept {
  const auto dot = name.find('.');
  return dot != std::string_view::npos && is_word(name.substr(0, dot)) && is_word(name.substr(dot + 1));
}

}  // namespace skep
