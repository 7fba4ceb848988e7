#pragma once
// A node's settings: one table of options serves the file (TOML), the environment (SKEP_...) and the command line, in
// rising order of precedence.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/limits.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/swarm_file.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

struct NodeConfig {
  std::string name = "node";
  std::vector<std::string> swarms;   ///< swarm files; relative ones to the node file
  std::vector<std::string> plugins;  ///< directories; by default ../lib/skep, seen from the program
  std::uint32_t threads = 0;         ///< of the scheduler; 0: one per core
  std::uint32_t dedicated_bees_max = limits::dedicated_bees_max;  ///< bees with a thread of their own
  std::string log_level = "info";
  std::string log_format = "auto";  ///< "auto": text on a terminal, else json
  std::chrono::nanoseconds drain_time_max{std::chrono::seconds(15)};
  std::chrono::nanoseconds callback_time_max = limits::callback_time_max;  ///< of one call of a bee; 0: not watched
  std::optional<std::uint64_t> memory_max;  ///< bytes; 0: no budget; nothing: what the cgroup or the machine has
  std::uint64_t payload_bytes_max = limits::node_payload_bytes_max;  ///< of all open requests; 0: without bounds
  std::string metrics;  ///< where they are served over HTTP; "": nowhere; "off": nothing is measured at all
};

struct NodeConfigResult {
  NodeConfig config;              ///< usable only without errors
  std::vector<Problem> problems;  ///< of the file, in file order, then of the environment
  std::vector<Problem> usage;     ///< of the command line
  [[nodiscard]] bool ok() const noexcept;
};

/// `arguments` are the command line's after the verb; `file` is read first if not empty. Paths in the file are relative
/// to its folder. Lists have their elements between ':' in a variable, and a flag for each on the command line. The
/// settings in `without` are refused on the command line, and are no hints for unknown flags.
[[nodiscard]] NodeConfigResult read_node_config(const std::string& file, const Environment& environment,
                                                const std::vector<std::string>& arguments,
                                                const std::vector<std::string>& without = {});
/// The same with the file's text at hand; `file` names it.
[[nodiscard]] NodeConfigResult parse_node_config(std::string_view text, const std::string& file,
                                                 const Environment& environment,
                                                 const std::vector<std::string>& arguments);
/// A warning for each variable that begins with SKEP_ and sets nothing.
[[nodiscard]] std::vector<Problem> check_variables(const std::vector<std::string>& names);

/// One setting as `--help` and the docs show it.
struct NodeSetting {
  std::string name;   ///< "log.level"
  std::string value;  ///< "LEVEL"
  std::string doc;    ///< what it is for, with its default
};
/// All but those in `without`, in the order of the table.
[[nodiscard]] std::vector<NodeSetting> node_settings(const std::vector<std::string>& without = {});

}  // namespace skep
