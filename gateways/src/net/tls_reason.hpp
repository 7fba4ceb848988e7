#pragma once
// Why a TLS connection is over, in words for the log.

#include <string>

namespace skep {

/// Whom a reason speaks of.
struct TlsWords {
  std::string versions;  ///< that are offered here: "TLS 1.3"
  std::string self;      ///< "this node"
};

/// Of the errors in this thread's queue, as in "it ...": "it speaks HTTP, not TLS". The queue stays as it is.
[[nodiscard]] std::string tls_reason(const TlsWords& words);

}  // namespace skep
