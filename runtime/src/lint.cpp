#include "skep/runtime/lint.hpp"

#include <algorithm>

#include "linter.hpp"
#include "skep/actors/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "table_reader.hpp"

namespace skep {

bool LintResult::ok() const noexcept {
  return std::ranges::none_of(problems, [](const Problem& p) { return p.severity == Problem::Severity::error; });
}

namespace {

/// "digits" of "digits.normalize"; nothing of a name without a dot.
std::string_view library_of(std::string_view bee_class) {
  const auto dot = bee_class.find('.');
  return dot == std::string_view::npos ? std::string_view{} : bee_class.substr(0, dot);
}

}  // namespace

Linter::Linter(const SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways, FileGaps gaps,
               const std::vector<ClusterNode>& cluster)
    : spec_(spec),
      bees_(bees),
      gateways_(gateways),
      gaps_(gaps),
      members_(members_of(cluster)),
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
  return {std::move(plan_), std::move(problems_).take(), std::move(unchecked_)};
}

void Linter::resolve() {
  check_form();
  configure_bees();
  configure_gateways();
  resolve_edges();
  resolve_answers();
  check_listen();
  check_files();
  check_cycles();
  check_answers();
  check_unread();
  check_joins();
  check_types();
  check_kinds();
  check_supervision();
  check_placement();
  check_delivery();
  order();
}

void Linter::configure_bees() {
  for (const auto& spec : spec_.bees) {
    auto& planned = plan_.bees.emplace_back();
    planned.spec = spec;
    planned.configured.outputs = {{"default", ""}};
    if (spec.bee_class.empty()) continue;
    const auto* entry = bees_.find(spec.bee_class);
    if (entry == nullptr) {
      report_unknown_class(spec);
      continue;
    }
    planned.configured = entry->configure(spec.options, spec.position);
    planned.takes_batches = entry->description.takes_batches;
    planned.holds_records = entry->description.holds_records;
    if (!planned.holds_records && spec.held != HeldLimits{}) {
      problems_.error(spec.held_position, "class '" + spec.bee_class + "' holds no records",
                      "held_records_max and held_bytes_max are for classes that do");
    }
    if (spec.held.bytes_max == 0) problems_.error(spec.held_position, "held_bytes_max is 0", "at least \"1B\"");
    add(planned.configured.problems, spec.position);
  }
}

/// A class of a library that is here cannot be of a plug-in that is not.
void Linter::report_unknown_class(const BeeSpec& spec) {
  const auto known = bees_.names();
  const auto library = library_of(spec.bee_class);
  const auto of_library = [&](const std::string& name) { return library_of(name) == library; };
  if ((gaps_.plugins || gaps_.lines) && !library.empty() && std::ranges::none_of(known, of_library)) {
    unchecked_.push_back(spec.name);
  } else {
    auto suggestion = suggest(spec.bee_class, known);
    if (!library.empty() && std::ranges::none_of(known, of_library)) {
      suggestion = "is its plug-in in `plugins`? " + suggestion;
    }
    problems_.error(spec.class_position, "unknown class '" + spec.bee_class + "'", std::move(suggestion));
  }
}

/// The same of a gateway's type.
void Linter::report_unknown_type(const GatewaySpec& spec) {
  const auto known = gateways_.types();
  const auto library = library_of(spec.type);
  const auto of_library = [&](const std::string& type) { return library_of(type) == library; };
  const bool no_library = !library.empty() && std::ranges::none_of(known, of_library);
  if ((gaps_.plugins || gaps_.lines) && no_library) return;
  auto suggestion = suggest(spec.type, known);
  if (no_library) suggestion = "is its plug-in in `plugins`? " + suggestion;
  problems_.error(spec.type_position, "unknown gateway type '" + spec.type + "'", std::move(suggestion));
}

/// What a class has against its options. What it has against them as a whole, at `where`, may stand in a missing line.
void Linter::add(const std::vector<OptionProblem>& problems, SourcePosition where) {
  for (const auto& problem : problems) {
    if (!gaps_.lines || problem.position != where) problems_.add(std::vector{problem});
  }
}

/// A gateway's options without those that are misspelt keys of the swarm's own, which are reported.
OptionValue Linter::options_of(const GatewaySpec& spec, const GatewayDescription& description) {
  std::vector<std::string> known{"type", "answers", "from", "nodes"};
  const auto own = known.size();
  for (const auto& option : description.options) known.push_back(option.name);
  auto options = spec.options;
  auto* members = std::get_if<OptionValue::Table>(&options.value);
  if (members == nullptr) return options;
  std::erase_if(*members, [&](const OptionValue::Member& member) {
    const auto meant = nearest(member.key, known);
    const auto place = std::ranges::find(known, meant.value_or("")) - known.begin();
    if (std::ranges::find(known, member.key) != known.end() || place >= static_cast<std::ptrdiff_t>(own)) return false;
    problems_.error(member.key_position, "unknown key '" + member.key + "' in gateway '" + spec.name + "'",
                    "did you mean '" + *meant + "'?");
    return true;
  });
  return options;
}

void Linter::configure_gateways() {
  for (const auto& spec : spec_.gateways) {
    auto& planned = plan_.gateways.emplace_back();
    planned.spec = spec;
    if (spec.type.empty()) continue;
    const auto* entry = gateways_.find(spec.type);
    if (entry == nullptr) {
      report_unknown_type(spec);
      continue;
    }
    planned.configured = entry->configure(options_of(spec, entry->description), spec.position);
    add(planned.configured.problems, spec.position);
    check_directions(spec, entry->description);
    check_threads(planned);
  }
}

/// What bees send goes to all clients, in one order and at the pace of the slowest: one actor's work.
void Linter::check_threads(const PlannedGateway& gateway) {
  if (gateway.configured.threads == 1 || gateway.spec.from.empty()) return;
  const auto* threads = gateway.spec.options.find("threads");
  problems_.error(threads != nullptr ? threads->position : gateway.spec.position,
                  "gateway '" + gateway.spec.name + "' sends what bees say to all its clients, which one thread does",
                  "leave 'threads' out, or answer clients with 'answers'");
}

void Linter::check_listen() {
  for (std::size_t later = 0; later < plan_.gateways.size(); ++later) {
    const auto& gateway = plan_.gateways[later];
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const auto& other = plan_.gateways[earlier];
      if (!gateway.configured.clashes(other.configured)) continue;
      const auto* listen = gateway.spec.options.find(gateway.configured.listen_option);
      problems_.error(
          listen != nullptr ? listen->position : gateway.spec.position,
          "gateway '" + other.spec.name + "' listens on " + to_string(*other.configured.listen) + " already",
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
  return Linter(spec, bees, gateways, {}, {}).run();
}

LintResult lint(const SwarmFile& file, const BeeRegistry& bees, const GatewayRegistry& gateways,
                const std::vector<ClusterNode>& cluster) {
  auto result = Linter(file.spec, bees, gateways, file.gaps, cluster).run();
  ProblemList problems(file.spec.file);
  problems.add(file.problems);
  problems.add(std::move(result.problems));
  result.problems = std::move(problems).take();
  return result;
}

}  // namespace skep
