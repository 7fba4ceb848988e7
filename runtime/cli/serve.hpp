#pragma once
// Runs swarms until they end or the process is asked to stop: what `skep run` and `skep node` share.

#include <cstdint>
#include <string>
#include <vector>

#include "command.hpp"
#include "option_text.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/node_config.hpp"

namespace skep::cli {

enum class OnFailure : std::uint8_t {
  end,    ///< a swarm that fails ends the program: there is nothing else to run
  go_on,  ///< the other swarms run on; the failed one's gateways answer `unavailable`
};

/// Settings of file, environment and `words`, with the default directory of plug-ins. On mistakes they are printed,
/// with the warnings, and `code` is what to exit with.
struct Settings {
  NodeConfig config;
  std::vector<Problem> warnings{};
  int code = success;
};
/// `without`: settings that the verb does not take as options.
[[nodiscard]] Settings read_settings(const Command& command, const std::string& file, const Words& words,
                                     const Words& without = {});
/// A log as the settings say, to stderr.
[[nodiscard]] Log::Options log_options(const NodeConfig& config);
/// The options of a verb that takes settings, as `--help` shows them; `more` stand before them.
[[nodiscard]] std::string settings_text(const Words& without, std::vector<OptionLine> more = {});

/// Reads and checks all that `serve` would of `file`, certificates and swarms, and starts nothing. What is wrong is
/// printed as `skep lint` does; returns the exit code.
[[nodiscard]] int check(const std::string& file, const Settings& settings);
/// Starts the swarms, waits, drains; returns the exit code: 1 if a swarm has failed. Warnings are lines of the log; the
/// mistakes of a file that cannot be used stand there as `skep lint` has them.
[[nodiscard]] int serve(const Settings& settings, OnFailure on_failure);

}  // namespace skep::cli
