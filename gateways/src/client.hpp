#pragma once
// A client that has come in at a gateway, or the peer that one has connected to; with TLS it has shaken hands, and a
// token it has yet to show.

#include <functional>
#include <memory>
#include <string>

#include "doorkeeper.hpp"
#include "net/stream.hpp"

namespace skep {

/// A server speaks TLS 1.3 before it has looked at this end's certificate (RFC 8446, 4.4.2.4), so it may refuse it in
/// the place of its first bytes.
struct ServerVerdict {
  std::function<void(const std::string& why)> refused;  ///< to be told before the end
  std::function<void()> heard;                          ///< it has sent something else
};

struct Client {
  Stream stream;
  Visit visit{};
  std::unique_ptr<ServerVerdict> verdict{};  ///< null: of a client
};

}  // namespace skep
