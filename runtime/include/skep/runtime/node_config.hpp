#pragma once
// A node's settings: one table of options serves the file (TOML), the environment (SKEP_...) and the command line, in
// rising order of precedence.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/runtime/swarm_file.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

struct NodeConfig {
  std::string name = "node";
  std::vector<std::string> swarms;   ///< swarm files; relative ones to the node file
  std::vector<std::string> plugins;  ///< directories; by default lib/skep beside the program
  std::uint32_t threads = 0;         ///< of the scheduler; 0: one per core
  std::string log_level = "info";
  std::string log_format = "auto";   ///< "auto": text on a terminal, else json
  std::chrono::nanoseconds drain_time_max{std::chrono::seconds(15)};
};

struct NodeConfigResult {
  NodeConfig config;
  std::vector<Problem> problems;
};

/// `arguments` are the command line's after the verb; `file` is read first if not empty.
[[nodiscard]] NodeConfigResult read_node_config(const std::string& file, const Environment& environment,
                                                const std::vector<std::string>& arguments);
/// The table as `--help` and the docs show it.
[[nodiscard]] std::string node_config_help();

}  // namespace skep
