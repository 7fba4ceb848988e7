#pragma once
// Checks a swarm against the classes that are there, and resolves it into what the runtime starts. Finds every mistake,
// not just the first: unknown or missing names with the nearest known one, options, cycles, unreachable bees, kinds
// that do not match, ports used twice, `answers` that cannot answer.

#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/swarm_spec.hpp"

namespace skep {

struct PlannedBee {
  BeeSpec spec;
  ConfiguredBee configured;
  bool takes_batches = false;
  std::vector<std::uint16_t> answer_ports;
  bool answers_reachable = false;
};

struct PlannedGateway {
  GatewaySpec spec;
  ConfiguredGateway configured;
};

/// One edge of the graph, both ends resolved. Indices are into `SwarmPlan::bees`, then (past their end) `gateways`.
struct PlannedEdge {
  std::size_t from = 0;
  std::uint16_t port = 0;
  std::size_t to = 0;
  OutEdgeSettings settings;
  std::string name;  ///< "normalize.rejected -> audit"
};

/// A swarm that can be started.
struct SwarmPlan {
  std::string name;
  std::vector<PlannedBee> bees;
  std::vector<PlannedGateway> gateways;
  std::vector<PlannedEdge> edges;
  std::vector<std::size_t> order;  ///< bees and gateways, every sender before its receivers
};

struct LintResult {
  SwarmPlan plan;                 ///< usable only without errors
  std::vector<Problem> problems;  ///< errors and warnings, in file order
  [[nodiscard]] bool ok() const noexcept;
};

[[nodiscard]] LintResult lint(const SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways);

}  // namespace skep
