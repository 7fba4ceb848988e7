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
  if (known == known_.end()) {
    known = known_.emplace(path, std::vector<dom::element>()).first;
    for (const auto element : array) known->second.push_back(element);
    walked_ += known->second.size();
  }
  ++walked_;
  return index < known->second.size() ? std::optional(known->second[index]) : std::nullopt;
}

}  // namespace skep
