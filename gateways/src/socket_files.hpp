#pragma once
// Files that a gateway on a socket reads when it opens, and again when it is told to: of TLS, and of tokens.

#include <vector>

#include "gateway_options.hpp"
#include "net/server_tls.hpp"
#include "token_sources.hpp"

namespace skep {

[[nodiscard]] ServerTlsFiles tls_files(const SocketOptions& options);
[[nodiscard]] TokenSources token_sources(const SocketOptions& options);

/// What is wrong with them, here and now, each where its option stands in `table`; of TLS the first of it.
[[nodiscard]] std::vector<OptionProblem> check_files(const SocketOptions& options, const OptionValue& table,
                                                     CertificateTime now);

}  // namespace skep
