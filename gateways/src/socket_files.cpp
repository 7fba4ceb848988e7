#include "socket_files.hpp"

#include <array>
#include <string>
#include <utility>

namespace skep {
namespace {

OptionProblem problem_at(const OptionValue& table, const char* option, const std::string& what) {
  const auto* value = table.find(option);
  return {value != nullptr ? value->position : table.position, "'" + std::string(option) + "': " + what, {}};
}

/// The option whose file it is about: what ServerTls says begins with the path.
const char* option_of(const SocketOptions& options, const std::string& what) {
  const std::array<std::pair<const char*, const FilePath*>, 2> others{
      {{"tls_key", &options.tls_key}, {"tls_client_authorities", &options.tls_client_authorities}}};
  if (what.starts_with("'" + options.tls_certificate.path + "'")) return "tls_certificate";
  for (const auto& [option, file] : others) {
    if (what.starts_with("'" + file->path + "'")) return option;
  }
  return "tls_certificate";
}

}  // namespace

ServerTlsFiles tls_files(const SocketOptions& options) {
  return {options.tls_certificate.path, options.tls_key.path, options.tls_client_authorities.path,
          options.tls_oldest == "1.3" ? OldestTls::v1_3 : OldestTls::v1_2};
}

TokenSources token_sources(const SocketOptions& options) {
  return {options.tokens, options.tokens_file.path};
}

std::vector<OptionProblem> check_files(const SocketOptions& options, const OptionValue& table, CertificateTime now) {
  std::vector<OptionProblem> problems;
  if (options.with_tls()) {
    const auto tls = ServerTls::read(tls_files(options), now);
    if (!tls) problems.push_back(problem_at(table, option_of(options, tls.error().message), tls.error().message));
  }
  const auto tokens = read_tokens(token_sources(options));
  if (!tokens) problems.push_back(problem_at(table, "tokens_file", tokens.error().message));
  return problems;
}

}  // namespace skep
