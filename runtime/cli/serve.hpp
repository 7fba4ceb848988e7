#pragma once
// Runs swarms until they end or the process is asked to stop: what `skep run` and `skep node` share.

#include <cstdint>
#include <string>

#include "command.hpp"
#include "skep/runtime/node_config.hpp"

namespace skep::cli {

enum class OnFailure : std::uint8_t {
  end,    ///< a swarm that fails ends the program: there is nothing else to run
  go_on,  ///< the other swarms run on; the failed one's gateways answer `unavailable`
};

/// Starts `config.swarms`, waits, drains; returns the exit code: 1 if a swarm has failed. Problems go to stderr, the
/// rest to the log.
[[nodiscard]] int serve(const NodeConfig& config, OnFailure on_failure);

/// Settings of file, environment and `words`, with the default directory of plug-ins. On mistakes they are printed and
/// `code` is what to exit with.
struct Settings {
  NodeConfig config;
  int code = success;
};
[[nodiscard]] Settings read_settings(const Command& command, const std::string& file, const Words& words);

}  // namespace skep::cli
