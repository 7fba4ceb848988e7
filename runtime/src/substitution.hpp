#pragma once
// `${NAME}` and `${NAME:-default}` in the strings of a file.
//
// As in a shell, the default also stands in for an empty variable. What is put in is not looked at again. `$${` writes
// a plain `${`; a `$` before anything else is just that ("$.user").

#include "problem_list.hpp"
#include "skep/runtime/swarm_file.hpp"

namespace skep {

/// Substitutes in every string in `value`, keys excepted. Unset variables without default, unclosed `${` and a result
/// of more than `bytes_max` characters in all are reported, and the string becomes std::monostate.
void substitute(OptionValue& value, const Environment& environment, std::size_t bytes_max, ProblemList& problems);

}  // namespace skep
