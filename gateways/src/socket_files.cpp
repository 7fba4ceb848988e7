#include "socket_files.hpp"

#include <string>
#include <utility>

namespace skep {
namespace {

OptionProblem problem_at(const OptionValue& table, const std::string& option, const std::string& what) {
  const auto* value = table.find(option);
  return {value != nullptr ? value->position : table.position, "'" + option + "': " + what, {}};
}

/// What StreamTls says begins with the option whose file it is about.
OptionProblem problem_of_tls(const OptionValue& table, const std::string& what) {
  const auto colon = what.find(": ");
  return problem_at(table, what.substr(0, colon), what.substr(colon + 2));
}

}  // namespace

OldestTls oldest_tls(const SocketOptions& options) {
  return options.tls_oldest == "1.3" ? OldestTls::v1_3 : OldestTls::v1_2;
}

std::optional<StreamTlsFiles> server_tls_files(const SocketOptions& options) {
  if (!options.with_tls()) return std::nullopt;
  return StreamTlsFiles{
      options.tls_certificate.path, options.tls_key.path, options.tls_client_authorities.path, oldest_tls(options), {}};
}

TokenSources token_sources(const SocketOptions& options) {
  return {options.tokens, options.tokens_file.path};
}

std::vector<OptionProblem> check_files(const std::optional<StreamTlsFiles>& tls, const TokenSources& tokens,
                                       const OptionValue& table, CertificateTime now) {
  std::vector<OptionProblem> problems;
  if (tls) {
    const auto read = StreamTls::read(*tls, now);
    if (!read) problems.push_back(problem_of_tls(table, read.error().message));
  }
  const auto read = read_tokens(tokens);
  if (!read) problems.push_back(problem_at(table, "tokens_file", read.error().message));
  return problems;
}

std::function<std::vector<OptionProblem>()> file_checks(std::optional<StreamTlsFiles> tls, TokenSources tokens,
                                                        const OptionValue& table) {
  if (!tls && tokens.file.empty()) return {};
  return [tls = std::move(tls), tokens = std::move(tokens), table] {
    return check_files(tls, tokens, table, certificate_now());
  };
}

}  // namespace skep
