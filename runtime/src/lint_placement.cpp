// What lint has to say about labels, of a swarm that a cluster is to run. A node alone has none.

#include <algorithm>

#include "linter.hpp"

namespace skep {
namespace {

/// "label 'gpu'", "labels 'gpu', 'big'"
std::string named(const std::vector<std::string>& labels) {
  std::string text = labels.size() == 1 ? "label " : "labels ";
  for (const auto& label : labels) text += (&label == &labels.front() ? "'" : ", '") + label + "'";
  return text;
}

std::vector<std::string> labels_of(const std::vector<Member>& members) {
  std::vector<std::string> labels;
  for (const auto& member : members) labels.insert(labels.end(), member.labels.begin(), member.labels.end());
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

}  // namespace

void Linter::check_placement() {
  if (members_.empty()) return;
  const auto lost = unplaceable(placement_needs(plan_), members_);
  for (const auto node : lost.parts) report_unplaceable(node);
  if (!lost.group) return;
  problems_.error(spec_.supervision_position,
                  "this strategy restarts bees together, so all of them run on one node, and no node of the cluster "
                  "has the labels of all of them",
                  "strategy = \"one_for_one\", or labels that one node has");
}

/// First the labels that nobody has: one of them may be misspelt.
void Linter::report_unplaceable(Node node) {
  const auto& labels = is_gateway(node) ? spec_.gateways[node - spec_.bees.size()].nodes : spec_.bees[node].nodes;
  const auto at =
      is_gateway(node) ? spec_.gateways[node - spec_.bees.size()].nodes_position : spec_.bees[node].nodes_position;
  const auto of = (is_gateway(node) ? "gateway '" : "bee '") + name(node) + "'";
  const auto known = labels_of(members_);
  const auto unknown = std::ranges::find_if(
      labels, [&](const std::string& label) { return std::ranges::find(known, label) == known.end(); });
  if (unknown != labels.end()) {
    return problems_.error(at, of + ": no node of the cluster has label '" + *unknown + "'", suggest(*unknown, known));
  }
  problems_.error(at, of + ": no node of the cluster has all of the " + named(labels),
                  "each of them is there, on other nodes");
}

}  // namespace skep
