// Swarm files: read, linted against no classes at all, and drawn.

#include <algorithm>

#include "fuzz_input.hpp"
#include "skep/runtime/graph.hpp"
#include "skep/runtime/lint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skep;
  const auto text = fuzz::text_of(data, size);
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n')) + 1;
  const auto file = parse_swarm(text, "swarm.toml", [](const std::string& name) -> std::optional<std::string> {
    return name.size() % 2 == 0 ? std::optional("${" + name + "}") : std::nullopt;
  });
  for (const auto& problem : file.problems) {
    fuzz::require(problem.position.line <= lines);
    fuzz::require(!problem.to_string().empty());
  }
  const auto linted = lint(file, BeeRegistry{}, GatewayRegistry{});
  fuzz::require(std::ranges::is_sorted(linted.problems, {}, &Problem::position));
  fuzz::require(!linted.ok());  // without classes no swarm is right
  for (const auto form : {GraphForm::text, GraphForm::dot, GraphForm::mermaid}) (void)draw(file.spec, form);
  return 0;
}
