#include "skep/runtime/lint.hpp"

#include <algorithm>

#include "linter.hpp"
#include "skep/runtime/limits.hpp"
#include "table_reader.hpp"

namespace skep {

bool LintResult::ok() const noexcept {
  return std::ranges::none_of(problems, [](const Problem& p) { return p.severity == Problem::Severity::error; });
}

Linter::Linter(const SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways)
    : spec_(spec),
      bees_(bees),
      gateways_(gateways),
      problems_(spec.file),
      wiring_(nodes()),
      edges_from_(nodes()),
      unknown_input_(nodes()) {
  plan_.name = spec.name;
  plan_.supervision = spec.supervision;
  plan_.dead_letters = spec.dead_letters;
  plan_.delivery = spec.delivery;
  for (Node node = 0; node < nodes(); ++node) names_.emplace(name(node), node);
}

LintResult Linter::run() {
  if (nodes() > limits::swarm_bees_max) {
    problems_.error({}, std::to_string(nodes()) + " bees and gateways in one swarm",
                    "at most " + std::to_string(limits::swarm_bees_max));
  } else {
    resolve();
  }
  return {std::move(plan_), std::move(problems_).take()};
}

void Linter::resolve() {
  check_what_files_have();
  configure_bees();
  configure_gateways();
  resolve_edges();
  resolve_answers();
  check_listen();
  check_cycles();
  check_answers();
  check_unread();
  check_kinds();
  check_supervision();
  check_delivery();
  order();
}

/// What the reader of a file reports itself.
void Linter::check_what_files_have() {
  if (!spec_.file.empty()) return;
  if (nodes() == 0) problems_.error({}, "the swarm has neither bees nor gateways");
  check_names();
  for (const auto& bee : spec_.bees) check_bee_form(bee);
  for (const auto& gateway : spec_.gateways) {
    if (gateway.type.empty()) problems_.error({}, "gateway '" + gateway.name + "' has no type");
  }
}

void Linter::check_names() {
  check_name(spec_.name, "a swarm", {}, problems_);
  for (Node node = 0; node < nodes(); ++node) {
    check_name(name(node), is_gateway(node) ? "a gateway" : "a bee", {}, problems_);
    if (names_.at(name(node)) != node) problems_.error({}, "'" + name(node) + "' is there twice");
  }
}

void Linter::check_bee_form(const BeeSpec& bee) {
  if (bee.bee_class.empty()) problems_.error({}, "bee '" + bee.name + "' has no class");
  if (bee.from.empty()) problems_.error({}, "nothing reaches bee '" + bee.name + "': it reads from nowhere");
  if (bee.replicas == 0 || bee.replicas > limits::replicas_max) {
    problems_.error({}, "bee '" + bee.name + "' has " + std::to_string(bee.replicas) + " replicas",
                    "from 1 to " + std::to_string(limits::replicas_max));
  }
}

void Linter::configure_bees() {
  for (const auto& spec : spec_.bees) {
    auto& planned = plan_.bees.emplace_back();
    planned.spec = spec;
    planned.configured.outputs = {{"default", ""}};
    if (spec.bee_class.empty()) continue;
    const auto* entry = bees_.find(spec.bee_class);
    if (entry == nullptr) {
      problems_.error(spec.class_position, "unknown class '" + spec.bee_class + "'",
                      suggest(spec.bee_class, bees_.names()));
      continue;
    }
    planned.configured = entry->configure(spec.options, spec.position);
    planned.takes_batches = entry->description.takes_batches;
    problems_.add(planned.configured.problems);
  }
}

void Linter::configure_gateways() {
  for (const auto& spec : spec_.gateways) {
    auto& planned = plan_.gateways.emplace_back();
    planned.spec = spec;
    if (spec.type.empty()) continue;
    const auto* entry = gateways_.find(spec.type);
    if (entry == nullptr) {
      problems_.error(spec.type_position, "unknown gateway type '" + spec.type + "'",
                      suggest(spec.type, gateways_.types()));
      continue;
    }
    planned.configured = entry->configure(spec.options, spec.position);
    problems_.add(planned.configured.problems);
  }
}

void Linter::check_listen() {
  for (std::size_t later = 0; later < plan_.gateways.size(); ++later) {
    const auto& gateway = plan_.gateways[later];
    const auto& address = gateway.configured.listen;
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const auto& other = plan_.gateways[earlier];
      const auto& taken = other.configured.listen;
      if (!address || !taken || !address->clashes(*taken)) continue;
      const auto* listen = gateway.spec.options.find("listen");
      problems_.error(listen != nullptr ? listen->position : gateway.spec.position,
                      "gateway '" + other.spec.name + "' listens on " + to_string(*taken) + " already",
                      "choose another port");
      break;
    }
  }
}

const std::string& Linter::name(Node node) const {
  return is_gateway(node) ? spec_.gateways[node - spec_.bees.size()].name : spec_.bees[node].name;
}

const std::vector<EdgeSpec>& Linter::from(Node node) const {
  return is_gateway(node) ? spec_.gateways[node - spec_.bees.size()].from : spec_.bees[node].from;
}

std::string Linter::port_name(Node node, std::uint16_t port) const {
  return is_gateway(node) ? name(node) : name(node) + "." + plan_.bees[node].configured.outputs[port].name;
}

LintResult lint(const SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways) {
  return Linter(spec, bees, gateways).run();
}

LintResult lint(const SwarmFile& file, const BeeRegistry& bees, const GatewayRegistry& gateways) {
  auto result = lint(file.spec, bees, gateways);
  ProblemList problems(file.spec.file);
  problems.add(file.problems);
  problems.add(std::move(result.problems));
  result.problems = std::move(problems).take();
  return result;
}

}  // namespace skep
