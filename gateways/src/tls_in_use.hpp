#pragma once
// The files that a gateway has its TLS from: read when it opens and at SIGHUP, and what the log says of them, and of a
// certificate that is about to end. Of a gateway on several threads the first one speaks for all of
// what is in use, and each of what it could not read.
//
// Lifetime: not longer than its gateway. Threads: the I/O thread.

#include <optional>
#include <string>

#include "certificate_watch.hpp"
#include "net/stream_tls.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {

class GatewayCore;

/// For the log.
[[nodiscard]] std::string not_reloaded(const GatewaySpread& spread, const std::string& why);

class TlsInUse {
 public:
  TlsInUse(GatewayCore& gateway, StreamTlsFiles files);

  /// Before all else. Errors: as StreamTls::read.
  [[nodiscard]] Result<void> open();
  /// If anything is wrong the log says what, and what was in use stays.
  void reload();

  /// Of a new connection.
  [[nodiscard]] SslPtr make_ssl() const { return tls_->make_ssl(); }
  void add_counts(GatewayCounts& counts) const;

 private:
  void tell(const std::string& what);
  void tell_of_certificate(const std::string& what);
  void warn_of_end() const;
  [[nodiscard]] bool speaks() const noexcept;
  [[nodiscard]] std::uint64_t hours_left() const;

  GatewayCore& gateway_;
  StreamTlsFiles files_;
  StreamTlsPtr tls_;
  CertificateWatch expiry_;
};

}  // namespace skep
