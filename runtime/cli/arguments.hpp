#pragma once
// Reads the arguments of a verb.

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <string>
#include <vector>

#include "command.hpp"
#include "skep/serialization/result.hpp"

namespace skep::cli {

namespace options = boost::program_options;

struct Arguments {
  options::variables_map values;
  Words files;  ///< what is no option
};

/// Errors: what is wrong, with the nearest option.
[[nodiscard]] Result<Arguments> read_arguments(const Words& words, const options::options_description& table);
/// As `--help` shows them.
[[nodiscard]] std::string to_string(const options::options_description& table);

/// Prints `skep <verb>: <problem>` for each and where help is; returns the exit code for it.
[[nodiscard]] int usage_error(const Command& command, const Words& problems);
[[nodiscard]] int usage_error(const Command& command, const std::string& problem);

}  // namespace skep::cli
