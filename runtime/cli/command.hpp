#pragma once
// The verbs of the program, in one table.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skep::cli {

/// What the process exits with; docs/OPERATING.md has the table.
enum ExitCode : int { success = 0, failure = 1, usage = 2, bad_file = 3, unreachable = 4, timed_out = 5 };

using Words = std::vector<std::string>;

struct Command {
  std::string_view verb;
  std::string_view arguments;
  std::string_view summary;
  std::string (*help)();  ///< options and examples
  int (*run)(const Words& words);
};

extern const Command run_verb, node_verb, lint_verb, test_verb, bench_verb, graph_verb, export_verb, bees_verb,
    new_verb, manifest_verb, pki_verb, token_verb, version_verb;

/// Runs the verb that `words` begin with; returns the exit code.
[[nodiscard]] int run_command(const Words& words);

}  // namespace skep::cli
