#pragma once
// One swarm file, read and checked, for verbs that show it and run nothing.

#include <optional>
#include <string>

#include "skep/runtime/catalog.hpp"

namespace skep::cli {

/// Prints its problems to stderr. Nothing where it cannot be used; the number of its errors is printed then.
[[nodiscard]] std::optional<Catalog::Checked> checked_swarm(Catalog& catalog, const std::string& file);

}  // namespace skep::cli
