#pragma once
// What a gateway needs for TLS with its clients, checked as a whole before anything uses it.
//
// Its certificate is one of any authority, as web servers have them, with those in between: not one of the cluster's
// PKI. TLS 1.2 with forward secrecy and authenticated ciphers alone, and 1.3; nothing older, no sessions to resume, no
// tickets, no early data, no renegotiation: every client is judged. Immutable; a connection keeps the one that it began
// with, so a reload makes another for those to come. Threads: any.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <string>

#include "net/certificate.hpp"
#include "net/openssl.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

enum class OldestTls : std::uint8_t { v1_2, v1_3 };

/// As paths, of files in PEM.
struct ServerTlsFiles {
  std::string certificate;  ///< the gateway's, then those between it and its authority
  std::string key;          ///< of that; no password, and nobody but its owner may reach it
  std::string
      authorities;  ///< who has to have signed the certificates that clients then must show; "": none is asked for
  OldestTls oldest = OldestTls::v1_2;
};

class ServerTls;
using ServerTlsPtr = boost::intrusive_ptr<const ServerTls>;

class ServerTls : public boost::intrusive_ref_counter<ServerTls> {
 public:
  /// Errors, each with the path of the file: `errc::not_found`, `errc::io` as read_text_file and read_secret_file have
  /// them; `errc::invalid_argument`: no certificate or key, one that is damaged, a key of another certificate, a
  /// certificate that no client would take at `now`.
  [[nodiscard]] static Result<ServerTlsPtr> read(const ServerTlsFiles& files, CertificateTime now);

  /// Of the one in its chain that ends first.
  [[nodiscard]] CertificateTime not_after() const noexcept { return not_after_; }
  [[nodiscard]] OldestTls oldest() const noexcept { return oldest_; }
  /// Whom clients have to trust: the signer of the last in its chain, as "CN = ..."; "" where that has signed itself.
  [[nodiscard]] const std::string& signer() const noexcept { return signer_; }
  /// Of a new connection, the server's end. Throws std::bad_alloc.
  [[nodiscard]] SslPtr make_ssl() const;

 private:
  explicit ServerTls(OldestTls oldest);
  [[nodiscard]] Result<void> use_certificate(const std::string& path, CertificateTime now);
  [[nodiscard]] Result<void> use_key(const std::string& path, const std::string& certificate_path);
  [[nodiscard]] Result<void> trust(const std::string& path);

  OldestTls oldest_;
  CertificateTime not_after_{};
  std::string signer_;
  SslContextPtr context_;
};

}  // namespace skep
