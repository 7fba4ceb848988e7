#pragma once
// What one end of a gateway's connections needs for TLS, checked as a whole before anything uses it: the server's, for
// clients of a gateway, or the client's, for the server that one connects to.
//
// Certificates are those of any authority, as web servers have them, with those in between: not those of the cluster's
// PKI. TLS 1.2 with forward secrecy and authenticated ciphers alone, and 1.3; nothing older, no sessions to resume, no
// tickets, no early data, no renegotiation: every peer is judged. A client judges its server in full, always: the
// chain, the time, and whether the certificate is for the name. Immutable; a connection keeps the one that it began
// with, so a reload makes another for those to come. Threads: any.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <optional>
#include <string>

#include "net/certificate.hpp"
#include "net/hardened_context.hpp"
#include "net/openssl.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// As paths, of files in PEM.
struct StreamTlsFiles {
  std::string certificate{};  ///< its own, then those between it and its authority; "": a client that shows none
  std::string key{};          ///< of that; no password, and nobody but its owner may reach it
  /// Who has to have signed the certificate of the peer; of a client `system_authorities` stands for those of the
  /// system. "": a server that asks its clients for none.
  std::string authorities{};
  OldestTls oldest = OldestTls::v1_2;
  /// A client's: the name, or the IP address, that its server's certificate has to be for, and can be. Nothing: it is a
  /// server.
  std::optional<std::string> server_name{};
};

inline constexpr const char* system_authorities = "system";

class StreamTls;
using StreamTlsPtr = boost::intrusive_ptr<const StreamTls>;

class StreamTls : public boost::intrusive_ref_counter<StreamTls> {
 public:
  /// Errors, each with the option and the path of the file: `errc::not_found`, `errc::io` as read_text_file and
  /// read_secret_file have them; `errc::invalid_argument`: no certificate or key, one that is damaged, a key of another
  /// certificate, a certificate that no peer would take at `now`.
  [[nodiscard]] static Result<StreamTlsPtr> read(const StreamTlsFiles& files, CertificateTime now);
  /// Whether a server's certificate could be for it: an IP address, or as check_dns_name has it.
  [[nodiscard]] static bool can_be_for(const std::string& server_name);

  /// Of the one in its chain that ends first; nothing where it shows none.
  [[nodiscard]] std::optional<CertificateTime> not_after() const noexcept { return not_after_; }
  /// Whom peers have to trust: the signer of the last in its chain, as "CN = ..."; "" where that has signed itself.
  [[nodiscard]] const std::string& signer() const noexcept { return signer_; }
  /// Of a new connection. Throws std::bad_alloc.
  [[nodiscard]] SslPtr make_ssl() const;

 private:
  explicit StreamTls(const StreamTlsFiles& files);
  [[nodiscard]] Result<void> use_certificate(const std::string& path, CertificateTime now);
  [[nodiscard]] Result<void> use_key(const std::string& path, const std::string& certificate_path);
  [[nodiscard]] Result<void> trust(const std::string& path);
  [[nodiscard]] Result<void> trust_system();
  void expect(const std::string& name);
  [[nodiscard]] bool is_client() const noexcept { return server_name_.has_value(); }

  std::optional<std::string> server_name_;
  bool asks_for_name_ = false;  ///< the server is told of it (RFC 6066, 3): not of an address
  std::optional<CertificateTime> not_after_;
  std::string signer_;
  SslContextPtr context_;
};

}  // namespace skep
