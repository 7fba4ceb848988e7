#pragma once
// A swarm as a value: what a file says, before anything runs. Every part knows where it stands in the file.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/batcher.hpp"
#include "skep/actors/bee_actor.hpp"
#include "skep/actors/dead_letters.hpp"
#include "skep/actors/option.hpp"
#include "skep/actors/out_edge.hpp"
#include "skep/actors/supervisor.hpp"

namespace skep {

/// One edge, named where it enters: `from = "normalize.rejected"`.
struct EdgeSpec {
  std::string from{};  ///< a bee or a gateway
  std::string port = "default";
  OutEdgeSettings settings{};
  SourcePosition position{};
};

struct BeeSpec {
  std::string name{};
  std::string bee_class{};
  SourcePosition position{};  ///< of the name
  SourcePosition class_position{};
  std::vector<EdgeSpec> from{};
  std::uint32_t replicas = 1;
  BatchSettings batch{};
  HeldLimits held{};
  SourcePosition held_position{};  ///< of the first of its settings
  Execution execution = Execution::shared;
  Restart restart = Restart::permanent;
  std::optional<std::chrono::nanoseconds> callback_time_max{};  ///< zero: none; nothing: the node's
  std::vector<std::string> nodes{};                             ///< labels: it runs where all of them are
  SourcePosition nodes_position{};
  OptionValue options{};
};

struct GatewaySpec {
  std::string name{};
  std::string type{};
  SourcePosition position{};
  SourcePosition type_position{};
  std::vector<EdgeSpec> from{};  ///< records to send out
  std::string answers{};         ///< "classify" or "classify.port"; empty: clients are not answered
  SourcePosition answers_position{};
  std::vector<std::string> nodes{};  ///< labels: it listens on every node that has all of them
  SourcePosition nodes_position{};
  OptionValue options{};  ///< all other keys of the table: the gateway's own
};

struct PluginSpec {
  std::string name{};
  SourcePosition position{};
  std::string sha256{};  ///< of its file; another one is refused. Empty: any
};

struct SwarmSpec {
  std::string file;  ///< as it was given; empty: built in code
  std::string name;
  std::vector<PluginSpec> plugins;
  std::vector<GatewaySpec> gateways;  ///< in file order
  std::vector<BeeSpec> bees;          ///< in file order
  SupervisorSettings supervision;     ///< of the bees; gateways are always restarted one for one
  SourcePosition supervision_position{};
  DeadLetterSettings dead_letters;
  Delivery delivery = Delivery::at_most_once;  ///< of all its edges and answers

  [[nodiscard]] const BeeSpec* bee(std::string_view name) const noexcept;
  [[nodiscard]] const GatewaySpec* gateway(std::string_view name) const noexcept;
};

/// One mistake in a file, or something to be warned of.
struct Problem {
  enum class Severity : std::uint8_t { error, warning };
  Severity severity = Severity::error;
  std::string file;
  SourcePosition position{};
  std::string message;
  std::string suggestion{};
  std::uint64_t more = 0;  ///< not one, but so many at least: those past limits::file_problems_max

  /// "digits.toml:12:3: error: unknown key 'replica' (did you mean 'replicas'?)". Of code, only the line is known.
  [[nodiscard]] std::string to_string() const;
};

}  // namespace skep
