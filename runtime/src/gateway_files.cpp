// Files that gateways read when they open, looked at before.

#include "skep/runtime/lint.hpp"

namespace skep {

std::vector<Problem> check_gateway_files(const SwarmPlan& plan, const std::string& file, Problem::Severity severity,
                                         bool others) {
  std::vector<Problem> problems;
  for (const auto& gateway : plan.gateways) {
    if (!gateway.configured.check_files) continue;
    const bool elsewhere = others && !gateway.spec.nodes.empty();
    const auto its = elsewhere ? Problem::Severity::warning : severity;
    for (const auto& [position, message, suggestion] : gateway.configured.check_files()) {
      problems.push_back({its, file, position, message, suggestion});
    }
  }
  return problems;
}

}  // namespace skep
