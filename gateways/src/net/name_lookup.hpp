#pragma once
// Looks the addresses of a host up, on a thread of its own.
//
// The C library's resolver cannot be interrupted, and a name server that does not answer holds it up for tens of
// seconds: asio's own lookups would let the end of the process wait for that, and all gateways for each other's. A
// lookup that is given up leaves its thread behind, one at most. Threads: the I/O thread.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/socket.hpp"
#include "skep/gateways/host_port.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class NameLookup {
 public:
  using Endpoints = std::vector<Tcp::endpoint>;
  using Done = std::function<void(Result<Endpoints>)>;

  explicit NameLookup(boost::asio::io_context& context);
  ~NameLookup() { cancel(); }
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  /// Calls `done` later, in the context's thread; not once `cancel` was called. Where a lookup that was given up still
  /// runs, its outcome is this one's: it is of the same host, always.
  void start(const HostPort& host, Done done);
  void cancel() noexcept;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // with the thread, which may outlive this
};

/// Of a host that is no name, so there is nothing to look up; localhost is none (RFC 6761): a bare system may not know
/// it.
[[nodiscard]] std::optional<Tcp::endpoint> numeric_endpoint(const HostPort& host);

}  // namespace skep
