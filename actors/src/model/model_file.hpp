#pragma once
// Reads a model's file, once, after checking that it may be trusted. A model is code: who can write it can run it.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep {

struct ModelFileRules {
  std::string path;
  std::string sha256;  ///< 64 hex digits; empty: not checked
  std::uint64_t bytes_max = 0;
};

struct ModelFile {
  std::vector<std::byte> bytes;
  std::string sha256;  ///< lower case
};

/// Errors: `errc::not_found`, `errc::io` with the system's words, `errc::too_large`, and `errc::invalid_argument` for
/// what is no regular file, what others can write, and another digest. Each names the path. What was checked is what
/// is returned: the file is opened once.
[[nodiscard]] Result<ModelFile> read_model_file(const ModelFileRules& rules);

}  // namespace skep
