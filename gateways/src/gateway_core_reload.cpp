// Files of a gateway that are read again, and what that means for its sessions.

#include <algorithm>

#include "gateway_core.hpp"

namespace skep {

void GatewayCore::reload() {
  if (transport_) transport_->reload();
}

std::size_t GatewayCore::judge_again() {
  const auto sessions = sessions_;  // may end at once
  const auto ended = std::ranges::count_if(sessions, [](const auto& each) { return each.second->judge_again(); });
  return static_cast<std::size_t>(ended);
}

}  // namespace skep
