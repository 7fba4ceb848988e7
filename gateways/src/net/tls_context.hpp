#pragma once
// What a member of a cluster needs for TLS with the others, checked as a whole before anything uses it.
//
// TLS 1.3 alone, no sessions to resume and no tickets: a peer is judged at each connection. Immutable; a connection
// keeps the one that it began with, so a reload makes another for those to come. Threads: any.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <set>
#include <string>
#include <vector>

#include "net/certificate.hpp"
#include "net/openssl.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// As texts, in PEM.
struct TlsMaterial {
  std::string authorities;         ///< whom it trusts: one, or two during a change; limits::authorities_max
  std::string certificate;         ///< its own
  std::string key;                 ///< of that; no password
  std::set<std::string> denied{};  ///< serials of revoked certificates, as Certificate::serial
};

class TlsContext;
using TlsContextPtr = boost::intrusive_ptr<const TlsContext>;

class TlsContext : public boost::intrusive_ref_counter<TlsContext> {
 public:
  /// Errors: `errc::invalid_argument`, with which text it is and what is wrong: not what it should be, a key of another
  /// certificate, an authority of another cluster, a certificate that its own authorities would not let in at `now`.
  [[nodiscard]] static Result<TlsContextPtr> make(const TlsMaterial& material, CertificateTime now);

  [[nodiscard]] const Certificate& certificate() const noexcept { return certificate_; }  ///< has an identity
  /// Each once.
  [[nodiscard]] const std::vector<Certificate>& authorities() const noexcept { return authorities_; }
  [[nodiscard]] const PeerIdentity& identity() const noexcept { return *certificate_.identity; }
  [[nodiscard]] bool denies(const std::string& serial) const { return denied_.contains(serial); }
  [[nodiscard]] std::size_t denied() const noexcept { return denied_.size(); }  ///< serials
  /// Of a new connection. Throws std::bad_alloc.
  [[nodiscard]] SslPtr make_ssl() const;

 private:
  TlsContext(Certificate certificate, std::set<std::string> denied);
  [[nodiscard]] Result<void> trust(const std::string& authorities);
  [[nodiscard]] Result<void> use(const TlsMaterial& material);
  [[nodiscard]] Result<void> check_own(const std::string& certificate, CertificateTime now) const;

  Certificate certificate_;
  std::vector<Certificate> authorities_;
  std::set<std::string> denied_;
  SslContextPtr context_;
};

}  // namespace skep
