#pragma once
// Draws a swarm: as text for a terminal, DOT for Graphviz, Mermaid for a README.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "skep/runtime/lint.hpp"
#include "skep/runtime/swarm_spec.hpp"

namespace skep {

enum class GraphForm : std::uint8_t { text, dot, mermaid };

[[nodiscard]] std::optional<GraphForm> graph_form_from(std::string_view name) noexcept;
/// The payload types that are known, by "bee.port" or a gateway's name.
using PortTypes = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] PortTypes port_types(const SwarmPlan& plan);

[[nodiscard]] std::string draw(const SwarmSpec& spec, GraphForm form, const PortTypes& types = {});

}  // namespace skep
