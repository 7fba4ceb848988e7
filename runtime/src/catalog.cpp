#include "skep/runtime/catalog.hpp"

#include <algorithm>

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

/// What two swarms of one node may not have in common.
void compare(const Catalog::Checked& earlier, Catalog::Checked& later) {
  const auto error = [&](SourcePosition position, std::string message, std::string suggestion) {
    later.problems.push_back(
        {Problem::Severity::error, later.spec.file, position, std::move(message), std::move(suggestion)});
  };
  if (!later.spec.name.empty() && earlier.spec.name == later.spec.name) {
    error({1, 1}, "swarm '" + earlier.spec.file + "' of this node is named '" + later.spec.name + "' too",
          "a name for each: logs and metrics have it");
  }
  for (const auto& gateway : later.plan.gateways) {
    for (const auto& other : earlier.plan.gateways) {
      if (!gateway.configured.clashes(other.configured)) continue;
      const auto* listen = gateway.spec.options.find(gateway.configured.listen_option);
      error(listen != nullptr ? listen->position : gateway.spec.position,
            "gateway '" + other.spec.name + "' of swarm '" + earlier.spec.name + "' listens on " +
                to_string(*other.configured.listen) + " already",
            "choose another port");
    }
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

Catalog::Checked Catalog::check(const std::string& swarm_file, const Environment& environment) {
  return check(read_swarm(swarm_file, environment));
}

Catalog::Checked Catalog::check(SwarmFile file) {
  std::vector<Problem> missing;
  for (const auto& plugin : file.spec.plugins) {
    const auto loaded = add_plugin(plugin.name, plugin.sha256);
    if (loaded) continue;
    missing.push_back({Problem::Severity::error, file.spec.file, plugin.position, loaded.error().message, {}});
  }
  if (!missing.empty()) file.gaps.plugins = true;
  auto linted = lint(file, bees_, gateways_);
  if (!missing.empty()) missing.front().suggestion = not_checked(linted.unchecked);
  ProblemList problems(file.spec.file);
  problems.add(std::move(linted.problems));
  problems.add(std::move(missing));
  return {std::move(file.spec), std::move(linted.plan), std::move(problems).take(), std::move(file.tests)};
}

std::vector<Catalog::Checked> Catalog::check_all(const std::vector<std::string>& swarm_files,
                                                 const Environment& environment) {
  std::vector<Checked> swarms;
  for (const auto& file : swarm_files) {
    auto swarm = check(file, environment);
    for (const auto& earlier : swarms) compare(earlier, swarm);
    swarms.push_back(std::move(swarm));
  }
  return swarms;
}

}  // namespace skep
