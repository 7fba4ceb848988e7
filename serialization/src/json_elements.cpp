#include "json_elements.hpp"

namespace skep {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t near_max = 16;  ///< elements that are walked to rather than kept

}  // namespace

std::optional<dom::element> JsonElements::at(std::string_view path, dom::array array, std::size_t index) {
  if (index < near_max) {
    walked_ += index + 1;
    dom::element element;
    return array.at(index).get(element) == simdjson::SUCCESS ? std::optional(element) : std::nullopt;
  }
  auto known = known_.find(path);
  if (known == known_.end()) known = known_.emplace(path, Known{{}, array.begin(), array.end()}).first;
  auto& [elements, next, end] = known->second;
  for (; elements.size() <= index && next != end; ++next) {
    elements.push_back(*next);
    ++walked_;
  }
  ++walked_;
  return index < elements.size() ? std::optional(elements[index]) : std::nullopt;
}

}  // namespace skep
