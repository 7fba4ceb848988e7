#include "json_path.hpp"

#include <charconv>

#include "skep/serialization/json.hpp"

namespace skep {
namespace {

std::optional<JsonStep> take_index(std::string_view& path) noexcept {
  std::size_t index = 0;
  const auto* end = path.data() + path.size();
  const auto [rest, error] = std::from_chars(path.data() + 1, end, index);
  if (error != std::errc() || rest == end || *rest != ']') return std::nullopt;
  path.remove_prefix(static_cast<std::size_t>(rest - path.data()) + 1);
  return JsonStep{index, {}};
}

}  // namespace

std::optional<JsonStep> take_step(std::string_view& path) noexcept {
  if (path.empty()) return std::nullopt;
  if (path[0] == '[') return take_index(path);
  if (path[0] != '.') return std::nullopt;
  const auto key = path.substr(1, path.find_first_of(".[]", 1) - 1);
  if (key.empty()) return std::nullopt;
  path.remove_prefix(key.size() + 1);
  return JsonStep{std::nullopt, key};
}

bool is_json_path(std::string_view path) noexcept {
  if (path.empty() || path[0] != '$') return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    if (!take_step(path)) return false;
  }
  return true;
}

}  // namespace skep
