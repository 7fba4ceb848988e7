#pragma once
// WebSocket gateways for tests.

#include "gateways/gateway_fixture.hpp"

namespace skep::testing {

inline HiveSetup websocket(std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  HiveSetup setup;
  setup.type = "websocket";
  setup.options = table({{"listen", option("127.0.0.1:0")}});
  for (const auto& [key, value] : more) setup.options = with(std::move(setup.options), key, value);
  return setup;
}

}  // namespace skep::testing
