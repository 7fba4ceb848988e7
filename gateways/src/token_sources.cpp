#include "token_sources.hpp"

#include "skep/gateways/limits.hpp"
#include "text_file.hpp"

namespace skep {

Result<AccessTokens> read_tokens(const TokenSources& sources) {
  auto tokens = AccessTokens::parse(sources.listed);
  if (!tokens || sources.file.empty()) return tokens;
  const auto path = "'" + sources.file + "'";
  const auto text = read_secret_file(sources.file, limits::tokens_file_bytes_max, "the hashes of tokens");
  if (!text) return Error{text.error().code, path + " " + text.error().message};
  if (auto added = tokens->add_lines(*text); !added)
    return Error{added.error().code, path + ", " + added.error().message};
  if (tokens->empty()) return Error{errc::invalid_argument, path + " has no token: nobody could come in"};
  return tokens;
}

}  // namespace skep
