#pragma once
// A node's settings: one table of options serves the file (TOML), the environment (SKEP_...) and the command line, in
// rising order of precedence.
//
// What is a table itself, `[cluster]` and `[gateways."SWARM.GATEWAY"]`, stands in the file only: no flag could say a
// list of nodes. It is read as swarm files are, key by key, with a place for every mistake.

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

/// A node of a static cluster. All nodes have the same list of them; a node's number is its place there, from 1.
struct ClusterNode {
  std::string name{};                 ///< that of its certificate; one of its labels, beside those below
  std::string address{};              ///< where the others reach it: "host:port"
  std::vector<std::string> labels{};  ///< what swarms ask for with `nodes`
  std::uint32_t capacity = 1;         ///< relative to others': its share of the replicas
};

/// `[cluster]` of a node file. Which of the nodes this one is, its certificate says.
struct ClusterConfig {
  std::string name{};
  std::vector<ClusterNode> nodes{};  ///< at least one, at most limits::cluster_nodes_max
  std::string listen{};              ///< where this node listens for the others; empty: at its address in `nodes`
  // Paths, usable from the working directory; whether the files are there is for whoever reads them.
  std::string certificate{};
  std::string key{};          ///< by default beside the certificate: "a.key" of "a.pem"
  std::string authorities{};  ///< by default "ca.pem" beside the certificate
  std::string deny_list{};    ///< serials; empty: none
};

/// `[gateways."digits.browser"]`: where a gateway of a swarm listens on this node, whatever the swarm file says.
struct GatewayAddress {
  std::string swarm{}, gateway{};
  std::string listen{};
  SourcePosition position{};         ///< of the two names
  SourcePosition listen_position{};  ///< of the address
};

struct NodeConfig {
  std::string name = "node";
  std::vector<std::string> swarms;   ///< swarm files; relative ones to the node file
  std::vector<std::string> plugins;  ///< directories; by default ../lib/skep, seen from the program
  std::uint32_t threads = 0;         ///< of the scheduler; 0: one per core
  std::uint32_t io_threads = 1;      ///< of sockets and their gateways; at least one
  std::uint32_t dedicated_bees_max = limits::dedicated_bees_max;  ///< bees with a thread of their own
  std::string log_level = "info";
  std::string log_format = "auto";  ///< "auto": text on a terminal, else json
  std::chrono::nanoseconds drain_time_max{std::chrono::seconds(15)};
  std::chrono::nanoseconds inline_time_max =
      limits::inline_time_max;  ///< of a bee's slices, to run inline; 0: none does
  std::chrono::nanoseconds callback_time_max = limits::callback_time_max;  ///< of one call of a bee; 0: not watched
  std::optional<std::uint64_t> memory_max;  ///< bytes; 0: no budget; nothing: what the cgroup or the machine has
  /// Freed memory that each heap of the allocator keeps for what comes next; 0: as the allocator has it.
  std::uint64_t heap_free_max = limits::heap_free_max;
  std::uint64_t payload_bytes_max = limits::node_payload_bytes_max;  ///< of all open requests; 0: without bounds
  std::string metrics;  ///< where they are served over HTTP; "": nowhere; "off": nothing is measured at all
  std::string file;     ///< that these settings are of; empty: none was read
  std::optional<ClusterConfig> cluster;  ///< nothing: a node alone
  std::vector<GatewayAddress> gateways;  ///< in file order
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
