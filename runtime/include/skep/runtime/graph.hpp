#pragma once
// Draws a swarm: as text for a terminal, DOT for Graphviz, Mermaid for a README.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skep/runtime/swarm_spec.hpp"

namespace skep {

enum class GraphForm : std::uint8_t { text, dot, mermaid };

[[nodiscard]] std::optional<GraphForm> graph_form_from(std::string_view name) noexcept;
[[nodiscard]] std::string draw(const SwarmSpec& spec, GraphForm form);

}  // namespace skep
