#pragma once
// One WebSocket connection: messages in, answers out, over Beast's stream. Beast stays out of this header: it compiles
// slowly.

#include <chrono>
#include <cstddef>

#include "answer_text.hpp"
#include "gateway_core.hpp"
#include "net/socket.hpp"
#include "session.hpp"
#include "upgrade.hpp"

namespace skep {

struct WebSocketSettings {
  UpgradeRules rules;
  WireContent binary = WireContent::raw;  ///< what binary messages hold; text is JSON
  std::size_t message_bytes_max = 0;
  std::chrono::nanoseconds upgrade_time_max{};
  std::chrono::nanoseconds ping_interval{};
  std::chrono::nanoseconds idle_max{};
  std::chrono::nanoseconds frame_time_max{};
  std::size_t sessions_max = 0;  ///< for the message to a client over it
  bool receives = false;         ///< records go out to it
};

/// One that is not admitted is answered 503.
[[nodiscard]] SessionPtr make_websocket_session(GatewayCore& gateway, Socket socket, WebSocketSettings settings,
                                                GatewayCore::Admit admit);

}  // namespace skep
