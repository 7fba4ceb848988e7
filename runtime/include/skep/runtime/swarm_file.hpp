#pragma once
// Reads swarm files (TOML). Finds every mistake of form: syntax, unknown keys, wrong types, values out of range. Behind
// a syntax error reading goes on, as far as what follows means the same without that line.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/runtime/swarm_spec.hpp"
#include "skep/runtime/swarm_test.hpp"

namespace skep {

/// What is not known of a file. A mistake that may only follow from it is not told.
struct FileGaps {
  bool lines = false;    ///< some could not be read: what nobody finds may stand there
  bool plugins = false;  ///< not all could be named or loaded: a class that nobody knows may be one of theirs
};

struct SwarmFile {
  SwarmSpec spec;                 ///< as far as it could be read
  std::vector<Problem> problems;  ///< in file order
  FileGaps gaps{};
  std::vector<SwarmTest> tests{};  ///< as far as they could be read; nothing that runs needs them
};

/// Looks up `${NAME}`; the runtime passes the process environment, tests a map.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// `${NAME}` and `${NAME:-default}` in strings are substituted (the default also for an empty variable); `$${` writes a
/// plain `${`. Paths stay as written; options carry the file's folder. Size, nesting, names and number of bees have
/// limits (limits.hpp). No text makes it throw.
[[nodiscard]] SwarmFile parse_swarm(std::string_view text, std::string file, const Environment& environment);
[[nodiscard]] SwarmFile read_swarm(const std::string& path, const Environment& environment);

}  // namespace skep
