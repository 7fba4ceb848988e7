#pragma once
// What a certificate says, as plain values: one of a cluster, read from PEM, and whom that of any server is for.
//
// Of clusters only the two kinds that `skep pki` makes are understood: the authority of a cluster, and a leaf with
// one identity. Everything here is safe to print: names with other characters than theirs are refused.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/openssl.hpp"
#include "net/peer_identity.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

enum class KeyAlgorithm : std::uint8_t { p256, ed25519 };

[[nodiscard]] std::string_view to_string(KeyAlgorithm algorithm) noexcept;

/// UTC; certificates count in seconds.
using CertificateTime = std::chrono::sys_seconds;

[[nodiscard]] inline CertificateTime certificate_now() noexcept {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

struct Certificate {
  std::string cluster;
  std::optional<PeerIdentity> identity;  ///< none: the authority of the cluster
  std::string serial;                    ///< lower-case hexadecimal digits
  std::string fingerprint;               ///< SHA-256 of the whole, in lower-case hexadecimal digits
  KeyAlgorithm algorithm = KeyAlgorithm::p256;
  CertificateTime not_before, not_after;
  std::vector<std::string> dns_names, addresses;
};

/// The first certificate in `pem`.
/// Errors: `errc::invalid_argument` with what is wrong.
[[nodiscard]] Result<Certificate> read_certificate(const std::string& pem);
[[nodiscard]] Result<Certificate> read_certificate(const X509& certificate);

/// Less than limits::certificate_warn_time is left, or nothing.
[[nodiscard]] bool ends_soon(const Certificate& certificate, CertificateTime now) noexcept;

/// Of any server: the DNS names, also with "*." before them, and the addresses that its certificate is for.
[[nodiscard]] std::vector<std::string> server_names(const X509& certificate);

/// A host name: labels of letters, digits and '-' with '.' between them; no wildcard.
/// Errors: `errc::invalid_argument`.
[[nodiscard]] Result<void> check_dns_name(std::string_view name);

}  // namespace skep
