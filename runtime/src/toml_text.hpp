#pragma once
// Values as TOML that reads back to them.

#include <string>
#include <string_view>

#include "skep/actors/option.hpp"

namespace skep {

/// A document of `root`, a table, as people write swarm files: its own keys, then a section for each table in it, two
/// names deep, or three for `options`; other tables are inline. In strings, but not in keys, `${` is written as `$${`.
[[nodiscard]] std::string toml_text(const OptionValue& root);

}  // namespace skep
