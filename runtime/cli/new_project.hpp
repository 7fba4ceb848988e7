#pragma once
// A project of a user's own: one bee, its tests, a swarm file, and a build that needs the installed package alone.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep::cli {

/// One of cli/project/, which the build puts into the program. `@name@` and `@version@` stand in names and texts.
struct ProjectFile {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::span<const ProjectFile> project_files() noexcept;

/// Why `name` cannot be that of a project, or nothing. It becomes a plug-in, a namespace, and the first half of class
/// names.
[[nodiscard]] std::string project_name_problem(std::string_view name);

/// Writes the project into `folder`, whose last part is its name; returns what was written, relative to `folder`.
/// Errors: `errc::invalid_argument` for a name that cannot be one and a folder that has something in it (nothing is
/// written), `errc::io`.
[[nodiscard]] Result<std::vector<std::string>> write_project(const std::filesystem::path& folder);

}  // namespace skep::cli
