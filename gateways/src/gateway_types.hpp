#pragma once
// The gateway types that come with Skep, as entries of the registry.

#include "skep/gateways/gateway.hpp"

namespace skep {

[[nodiscard]] GatewayRegistry::Entry tcp_gateway();
[[nodiscard]] GatewayRegistry::Entry websocket_gateway();
[[nodiscard]] GatewayRegistry::Entry file_gateway();

}  // namespace skep
