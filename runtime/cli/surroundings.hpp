#pragma once
// What the process was started with: environment, terminal, place of the program. Nothing below the command line asks.

#include <ostream>
#include <string>
#include <vector>

#include "skep/runtime/swarm_file.hpp"

namespace skep::cli {

[[nodiscard]] Environment process_environment();
[[nodiscard]] std::vector<std::string> environment_names();
/// Where plug-ins are by default: ../lib/skep, seen from the program.
[[nodiscard]] std::string default_plugin_directory();
/// Whether a person watches stderr, and wants colours (https://no-color.org).
[[nodiscard]] bool stderr_is_terminal();
[[nodiscard]] bool stderr_has_colours();

/// Before anything is opened: where standard input, output or error are closed, no other file takes their numbers. To
/// use one is still an error.
void occupy_standard_descriptors();

/// A line for people, coloured if they want it.
[[nodiscard]] std::string text_of(const Problem& problem);
/// One line each, to stderr.
void print(const std::vector<Problem>& problems);
/// "orders.toml: 2 errors": the last line about a file that cannot be used. Empty if none of the errors is the file's.
[[nodiscard]] std::string count_of_errors(const std::string& file, const std::vector<Problem>& problems);

}  // namespace skep::cli
