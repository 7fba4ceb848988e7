#pragma once
// Runs swarms until they end or the process is asked to stop: what `skep run` and `skep node` share.

#include <string>

#include "command.hpp"
#include "skep/runtime/node_config.hpp"

namespace skep::cli {

/// Starts `config.swarms`, waits, drains; returns the exit code. Problems go to stderr, the rest to the log.
[[nodiscard]] int serve(const NodeConfig& config);

/// Settings of file, environment and `words`, with the default directory of plug-ins. On mistakes they are printed and
/// `code` is what to exit with.
struct Settings {
  NodeConfig config;
  int code = success;
};
[[nodiscard]] Settings read_settings(const Command& command, const std::string& file, const Words& words);

}  // namespace skep::cli
