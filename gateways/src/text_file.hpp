#pragma once
// Reads a whole text file of bounded size.

#include <cstddef>
#include <string>

#include "skep/serialization/result.hpp"

namespace skep {

/// Errors: `errc::not_found`, `errc::io` with the system's words, or for a pipe, a folder or a socket, without waiting
/// for anybody; `errc::too_large` past `bytes_max`.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max);

/// One that holds `what`, which is nobody else's. Errors: besides, `errc::io` where its group or others can reach it,
/// with the command that helps.
[[nodiscard]] Result<std::string> read_secret_file(const std::string& path, std::size_t bytes_max,
                                                   const std::string& what = "a private key");

}  // namespace skep
