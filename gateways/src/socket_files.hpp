#pragma once
// Files that a gateway on a socket reads when it opens, and again when it is told to: of TLS, and of tokens.

#include <functional>
#include <optional>
#include <vector>

#include "gateway_options.hpp"
#include "net/stream_tls.hpp"
#include "token_sources.hpp"

namespace skep {

[[nodiscard]] OldestTls oldest_tls(const SocketOptions& options);
/// Of one that listens with TLS.
[[nodiscard]] std::optional<StreamTlsFiles> server_tls_files(const SocketOptions& options);
[[nodiscard]] TokenSources token_sources(const SocketOptions& options);

/// What is wrong with them, here and now, each where its option stands in `table`; of TLS the first of it.
[[nodiscard]] std::vector<OptionProblem> check_files(const std::optional<StreamTlsFiles>& tls,
                                                     const TokenSources& tokens, const OptionValue& table,
                                                     CertificateTime now);

/// For ConfiguredGateway::check_files; empty, if it has none of them.
[[nodiscard]] std::function<std::vector<OptionProblem>()> file_checks(std::optional<StreamTlsFiles> tls,
                                                                      TokenSources tokens, const OptionValue& table);

}  // namespace skep
