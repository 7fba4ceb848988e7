#pragma once
// Where the tokens of a gateway stand: in its options, and in a file that can be read again.

#include <string>
#include <vector>

#include "access_tokens.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

struct TokenSources {
  std::vector<std::string> listed{};  ///< as AccessTokens::parse takes them
  std::string file{};                 ///< as AccessTokens::add_lines takes it; "": none
};

/// All of them: one at least, or there are no sources.
///
/// Errors: those of read_secret_file and of AccessTokens, each with the path of the file; `errc::invalid_argument`: a
/// file without a token, and none beside it, for nobody could come in then.
[[nodiscard]] Result<AccessTokens> read_tokens(const TokenSources& sources);

}  // namespace skep
