#include "skep/runtime/catalog.hpp"

#include <algorithm>

#include "gateway_addresses.hpp"
#include "problem_list.hpp"
#include "skep/actors/ready_made.hpp"

namespace skep {
namespace {

bool is_error(const Problem& problem) {
  return problem.severity == Problem::Severity::error;
}

/// "not checked without it: bees 'a', 'b'"; empty for none.
std::string not_checked(const std::vector<std::string>& bees) {
  constexpr std::size_t named_max = 5;
  if (bees.empty()) return {};
  std::string text = bees.size() == 1 ? "not checked without it: bee " : "not checked without it: bees ";
  for (std::size_t i = 0; i < std::min(bees.size(), named_max); ++i) text += (i == 0 ? "'" : ", '") + bees[i] + "'";
  return bees.size() <= named_max ? text : text + " and " + std::to_string(bees.size() - named_max) + " more";
}

/// What two swarms of one node may not have in common, as their files have it.
void compare(const Catalog::Checked& earlier, Catalog::Checked& later, const NodeConfig& node) {
  const auto error = [&](SourcePosition position, std::string message, std::string suggestion) {
    later.problems.push_back(
        {Problem::Severity::error, later.spec.file, position, std::move(message), std::move(suggestion)});
  };
  if (!later.spec.name.empty() && earlier.spec.name == later.spec.name) {
    error({1, 1}, "swarm '" + earlier.spec.file + "' of this node is named '" + later.spec.name + "' too",
          "a name for each: logs and metrics have it");
  }
  for (const auto& gateway : later.plan.gateways) {
    if (is_moved(node, later.spec.name, gateway.spec.name)) continue;
    for (const auto& other : earlier.plan.gateways) {
      if (is_moved(node, earlier.spec.name, other.spec.name)) continue;
      if (!gateway.configured.clashes(other.configured)) continue;
      const auto* listen = gateway.spec.options.find(gateway.configured.listen_option);
      error(listen != nullptr ? listen->position : gateway.spec.position,
            "gateway '" + other.spec.name + "' of swarm '" + earlier.spec.name + "' listens on " +
                to_string(*other.configured.listen) + " already",
            "choose another port");
    }
  }
}

/// Threads of gateways that this node has not: several of a gateway's actors share one. One that asks for labels may
/// run on other nodes alone.
void warn_of_threads(Catalog::Checked& swarm, const NodeConfig& node) {
  for (const auto& [spec, configured, type] : swarm.plan.gateways) {
    if (configured.threads <= node.io_threads || (node.cluster && !spec.nodes.empty())) continue;
    const auto* threads = spec.options.find("threads");
    swarm.problems.push_back({Problem::Severity::warning,
                              swarm.spec.file,
                              threads != nullptr ? threads->position : spec.position,
                              "gateway '" + spec.name + "' has threads = " + std::to_string(configured.threads) +
                                  ", and this node has io_threads = " + std::to_string(node.io_threads) +
                                  ": more of them bring nothing",
                              {}});
  }
}

}  // namespace

bool Catalog::Checked::ok() const noexcept {
  return std::ranges::none_of(problems, is_error);
}

Catalog::Catalog(std::vector<std::string> plugin_directories, Plugins plugins)
    : plugins_(std::move(plugin_directories), &gateways_), use_(plugins) {
  add_ready_made_bees(bees_);
  add_model_bee(bees_, [this](const std::string& name) { return plugins_.load_engine(name); });
  add_gateways(gateways_);
}

Catalog::Catalog(std::vector<std::string> plugin_directories, Engine& engine)
    : plugins_(std::move(plugin_directories), &gateways_) {
  add_ready_made_bees(bees_);
  add_model_bee(
      bees_, [&engine](const std::string&) -> Result<Engine*> { return &engine; }, ModelFiles::not_read);
  add_gateways(gateways_);
}

Catalog::Checked Catalog::check(const std::string& swarm_file, const Environment& environment,
                                const std::vector<ClusterNode>& cluster) {
  return check(read_swarm(swarm_file, environment), cluster);
}

Catalog::Checked Catalog::check(SwarmFile file, const std::vector<ClusterNode>& cluster) {
  std::vector<Problem> missing;
  for (const auto& plugin : file.spec.plugins) {
    const auto loaded = add_plugin(plugin.name, plugin.sha256);
    if (loaded) continue;
    missing.push_back({Problem::Severity::error, file.spec.file, plugin.position, loaded.error().message, {}});
  }
  if (!missing.empty()) file.gaps.plugins = true;
  auto linted = lint(file, bees_, gateways_, cluster);
  if (!missing.empty()) missing.front().suggestion = not_checked(linted.unchecked);
  ProblemList problems(file.spec.file);
  problems.add(std::move(linted.problems));
  problems.add(std::move(missing));
  return {std::move(file.spec), std::move(linted.plan), std::move(problems).take(), std::move(file.tests)};
}

std::vector<Catalog::Checked> Catalog::check_all(const std::vector<std::string>& swarm_files,
                                                 const Environment& environment, const NodeConfig& node) {
  std::vector<Checked> swarms;
  for (const auto& file : swarm_files) {
    auto swarm = check(file, environment, node.cluster ? node.cluster->nodes : std::vector<ClusterNode>{});
    for (const auto& earlier : swarms) compare(earlier, swarm, node);
    warn_of_threads(swarm, node);
    swarms.push_back(std::move(swarm));
  }
  auto problems = move_gateways(node, gateways_, swarms);
  if (problems.empty()) return swarms;
  auto& of_node = swarms.emplace_back();
  of_node.spec.file = node.file;
  of_node.problems = std::move(problems);
  return swarms;
}

}  // namespace skep
