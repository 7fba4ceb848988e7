#pragma once
// Checks a swarm against the classes that are there, and resolves it into what the runtime starts. Finds every mistake,
// not just the first: unknown or missing names with the nearest known one, options, cycles, unreachable bees, kinds
// and payload types that do not match, ports and files used twice, `answers` that cannot answer; and of a node in a
// cluster, parts that no node can run.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/node_config.hpp"
#include "skep/runtime/swarm_file.hpp"
#include "skep/runtime/swarm_spec.hpp"
#include "skep/serialization/payload_types.hpp"

namespace skep {

struct PlannedBee {
  BeeSpec spec;
  ConfiguredBee configured;
  bool takes_batches = false;
  bool holds_records = false;
  std::vector<std::uint16_t> answer_ports;  ///< ports whose records answer clients; sorted
  bool answers_reachable = false;           ///< a gateway's client may still be answered from here on
};

struct PlannedGateway {
  GatewaySpec spec;
  ConfiguredGateway configured;
  PayloadType input_type{};  ///< that what it brings is made into, for its readers; none: it stays as it is
};

/// One edge of the graph, both ends resolved. Indices are into `SwarmPlan::bees`, then (past their end) `gateways`.
struct PlannedEdge {
  std::size_t from = 0;
  std::uint16_t port = 0;
  std::size_t to = 0;
  OutEdgeSettings settings;
  std::string name;    ///< "normalize.rejected -> audit"
  PayloadType type{};  ///< of what goes along it, where that is known
};

/// A swarm that can be started.
struct SwarmPlan {
  std::string name;
  std::vector<PlannedBee> bees;
  std::vector<PlannedGateway> gateways;
  std::vector<PlannedEdge> edges;
  SupervisorSettings supervision;
  DeadLetterSettings dead_letters;
  Delivery delivery = Delivery::at_most_once;
  std::shared_ptr<const PayloadTypes> payload_types{};  ///< null: none of its classes names one
  /// Bees and gateways, every sender before its receivers. A gateway that both feeds bees and sends records out stands
  /// with the senders: what it sends out never comes back in.
  std::vector<std::size_t> order;
};

struct LintResult {
  SwarmPlan plan;                 ///< usable only without errors
  std::vector<Problem> problems;  ///< errors and warnings, in file order
  /// Bees whose class is not known and may be of a plug-in that is missing (FileGaps): no error by themselves.
  std::vector<std::string> unchecked;
  [[nodiscard]] bool ok() const noexcept;
};

/// What is wrong, here and now, with the files that its gateways read when they open: certificates, keys, tokens. Lint
/// looks for none of them, as they may be those of another machine; so may those of gateways that ask for labels be,
/// where `others` says that there are other nodes: of these they are warnings. `file` is that of the swarm.
[[nodiscard]] std::vector<Problem> check_gateway_files(const SwarmPlan& plan, const std::string& file,
                                                       Problem::Severity severity, bool others = false);

/// What a spec's file reader has reported (`spec.file` is not empty) is not said again here.
[[nodiscard]] LintResult lint(const SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways);
/// The same for a file: its own problems and these in one list, in file order. `cluster`: the nodes that are to run it;
/// none: a node alone, on which labels say nothing.
[[nodiscard]] LintResult lint(const SwarmFile& file, const BeeRegistry& bees, const GatewayRegistry& gateways,
                              const std::vector<ClusterNode>& cluster = {});

}  // namespace skep
