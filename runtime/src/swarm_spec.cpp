#include "skep/runtime/swarm_spec.hpp"

#include <algorithm>

#include "skep/runtime/printable.hpp"

namespace skep {

const BeeSpec* SwarmSpec::bee(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(bees, wanted, &BeeSpec::name);
  return found == bees.end() ? nullptr : &*found;
}

const GatewaySpec* SwarmSpec::gateway(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(gateways, wanted, &GatewaySpec::name);
  return found == gateways.end() ? nullptr : &*found;
}

std::string Problem::to_string() const {
  std::string text = file;
  if (position.line != 0) {
    text += ":" + std::to_string(position.line);
    if (position.column != 0) text += ":" + std::to_string(position.column);
  }
  if (!text.empty()) text += ": ";
  text += severity == Severity::error ? "error: " : "warning: ";
  text += message;
  if (!suggestion.empty()) text += " (" + suggestion + ")";
  return printable(text);
}

}  // namespace skep
