// Node files.

#include <algorithm>

#include "fuzz_input.hpp"
#include "skep/runtime/node_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skep;
  const auto text = fuzz::text_of(data, size);
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n')) + 1;
  const auto result = parse_node_config(text, "node.toml", {}, {});
  for (const auto& problem : result.problems) fuzz::require(problem.position.line <= lines);
  fuzz::require(result.usage.empty());
  const auto& level = result.config.log_level;
  fuzz::require(level == "debug" || level == "info" || level == "warning" || level == "error");
  return 0;
}
