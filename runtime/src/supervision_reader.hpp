#pragma once
// Reads what a swarm file says about failures: `[supervision]`, `[dead_letters]`, and `restart` of a bee.

#include <optional>
#include <string_view>

#include "problem_list.hpp"
#include "skep/runtime/swarm_spec.hpp"
#include "table_reader.hpp"

namespace skep {

void read_supervision(const OptionValue& value, SwarmSpec& spec, ProblemList& problems);
void read_dead_letters(const OptionValue& value, SwarmSpec& spec, ProblemList& problems);
[[nodiscard]] Restart read_restart(TableReader& reader);
/// Gateways are not supervised as bees are: reports the keys of bees in a gateway's table, and returns whether `key`
/// is one of them.
[[nodiscard]] bool is_supervision_key(std::string_view key);
void refuse_supervision_keys(const OptionValue::Table& gateway, ProblemList& problems);

}  // namespace skep
