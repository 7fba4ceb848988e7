#pragma once
// Why a TLS connection is over, in words for the log.

#include <string>

namespace skep {

/// What OpenSSL's verdict on a certificate (X509_V_ERR_...) means, as in "its certificate ...": "has expired".
[[nodiscard]] std::string verdict_text(int verdict);

/// Whom a reason speaks of.
struct TlsWords {
  std::string versions;  ///< that are offered here: "TLS 1.3"
  std::string self;      ///< "this node"
};

/// Whether the oldest of the errors in this thread's queue is what the peer has said: an alert.
[[nodiscard]] bool peer_refuses() noexcept;
/// Whether it is that the peer's bytes were none of TLS.
[[nodiscard]] bool peer_lacks_tls() noexcept;

/// Of the errors in this thread's queue, as in "it ...": "it speaks HTTP, not TLS". The queue stays as it is.
[[nodiscard]] std::string tls_reason(const TlsWords& words);

}  // namespace skep
