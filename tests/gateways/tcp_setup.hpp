#pragma once
// A tcp gateway on any port of this machine, with further options.

#include <initializer_list>
#include <utility>

#include "gateways/gateway_fixture.hpp"

namespace skep::testing {

inline OptionValue listening(std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  auto options = table({{"listen", option("127.0.0.1:0")}});
  for (const auto& [key, value] : more) options = with(std::move(options), key, value);
  return options;
}

inline HiveSetup tcp(std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  HiveSetup setup;
  setup.options = listening(more);
  return setup;
}

}  // namespace skep::testing
