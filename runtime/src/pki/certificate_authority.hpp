#pragma once
// Makes the certificates of one cluster: its authority, and those of nodes and admins. Texts in, texts out; no file.
//
// P-256 is the default: all TLS stacks, hardware keys and inspection tools take it. Ed25519 is smaller, and not
// everywhere. Time is the caller's.

#include <chrono>
#include <string>
#include <vector>

#include "net/certificate.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// A certificate and its private key, both as PEM. The key is a secret: it belongs into a file of mode 0600 only.
struct Credential {
  std::string certificate;
  std::string key;
};

struct AuthorityRequest {
  std::string cluster;
  KeyAlgorithm algorithm = KeyAlgorithm::p256;
  CertificateTime now;
  std::chrono::hours time;  ///< it is valid for; at most limits::authority_time_max
};

struct CertificateRequest {
  PeerIdentity identity;
  std::vector<std::string> dns_names, addresses;  ///< limits::certificate_names_max together
  KeyAlgorithm algorithm = KeyAlgorithm::p256;
  std::string key;  ///< one to keep, as PEM; "": a new one of `algorithm`
  CertificateTime now;
  std::chrono::hours time;  ///< at most limits::certificate_time_max; it ends no later than its authority
};

/// Self-signed, for signing leaves and nothing else.
/// Errors: `errc::invalid_argument`.
[[nodiscard]] Result<Credential> make_authority(const AuthorityRequest& request);

/// What can be said of a request without its authority: its names, and how long it is valid.
[[nodiscard]] Result<void> check_request(const CertificateRequest& request);

/// Valid from `limits::certificate_skew` before `now`, for clocks that are behind.
/// Errors: `errc::invalid_argument`: a name, a key that is none, an authority that is none, of another cluster or over.
[[nodiscard]] Result<Credential> issue(const Credential& authority, const CertificateRequest& request);

[[nodiscard]] bool is_key_of(const std::string& key, const std::string& certificate);

}  // namespace skep
