#include "skep/gateways/gateway.hpp"

#include "gateway_types.hpp"

namespace skep {

void GatewayRegistry::add(Entry entry) {
  auto type = entry.description.type;
  entries_.insert_or_assign(std::move(type), std::move(entry));
}

const GatewayRegistry::Entry* GatewayRegistry::find(std::string_view type) const noexcept {
  const auto found = entries_.find(type);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> GatewayRegistry::types() const {
  std::vector<std::string> types;
  for (const auto& [type, entry] : entries_) types.push_back(type);
  return types;
}

void add_gateways(GatewayRegistry& registry) {
  registry.add(tcp_gateway());
  registry.add(websocket_gateway());
  registry.add(file_gateway());
}

}  // namespace skep
