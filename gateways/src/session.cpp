#include "session.hpp"

#include <array>
#include <charconv>

#include "gateway_core.hpp"

namespace skep {

std::string session_key(std::uint64_t incarnation, std::uint64_t session) {
  std::array<char, 13> digits;  // 36^13 > 2^64
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), incarnation, 36).ptr;
  return std::string(digits.data(), end) + "-" + std::to_string(session);
}

Session::Session(GatewayCore& gateway, std::unique_ptr<OpenRequests> replies)
    : gateway_(&gateway),
      replies_(std::move(replies)),
      id_(gateway.next_session()),
      key_(session_key(gateway.settings().incarnation, id_)) {}

}  // namespace skep
