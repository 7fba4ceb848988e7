#pragma once
// A tcp gateway on any port of this machine, with further options.

#include <initializer_list>
#include <utility>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"

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

/// With its length before it.
inline std::string framed(std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::string frame{char(size >> 24), char(size >> 16), char(size >> 8), char(size)};
  return frame.append(bytes);
}

/// The next frame that has its length before it.
inline std::string unframed(SocketClient& client) {
  const auto head = client.bytes(4);
  if (head.size() < 4) return "closed";
  std::uint32_t size = 0;
  for (const char c : head) size = size << 8 | static_cast<unsigned char>(c);
  return client.bytes(size);
}

}  // namespace skep::testing
