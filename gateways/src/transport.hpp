#pragma once
// Where a gateway's sessions come from: a listening socket, a connection, a file.
//
// Lifetime: owned by GatewayCore. Threads: the I/O thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "skep/serialization/result.hpp"

namespace skep {

class GatewayCore;
struct GatewayCounts;

class Transport {
 public:
  virtual ~Transport() = default;

  /// Opens it; sessions follow. Errors: `errc::io` with words for people; nothing is left open.
  [[nodiscard]] virtual Result<void> open() = 0;
  /// Makes no more sessions; those that are open stay.
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual std::string address() const { return {}; }
  /// Files that it has read may have changed.
  virtual void reload() {}
  /// One of its sessions has ended.
  virtual void session_ended() {}
  /// Looks into what came from other threads.
  virtual void take_up() {}
  /// What never came as far as a session, and counts as refused.
  [[nodiscard]] virtual std::uint64_t refused() const { return 0; }
  /// Adds what the transport counts by itself.
  virtual void add_counts(GatewayCounts&) const {}
  /// Whether nothing will ever come in any more: a file read to its end.
  [[nodiscard]] virtual bool finished() const { return false; }
};

using MakeTransport = std::function<std::unique_ptr<Transport>(GatewayCore&)>;

}  // namespace skep
