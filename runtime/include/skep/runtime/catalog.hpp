#pragma once
// What swarm files may name in this process: bee classes, gateway types, plug-ins. Checks files against it.
//
// Lifetime: outlives the swarms planned with it. Threads: one; what it plans may be used on any.

#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/runtime/plugin_loader.hpp"
#include "skep/runtime/swarm_file.hpp"

namespace skep {

class Catalog {
 public:
  /// Has the ready-made bees, `skep.model` and the gateways; plug-ins come from `plugin_directories`.
  explicit Catalog(std::vector<std::string> plugin_directories);
  /// With one model engine for all names, which needs no model files: a test's.
  Catalog(std::vector<std::string> plugin_directories, Engine& engine);
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  [[nodiscard]] Result<void> load_plugin(const std::string& name) { return plugins_.load_bees(name, bees_); }

  struct Checked {
    SwarmSpec spec;
    SwarmPlan plan;                 ///< usable only if `ok()`
    std::vector<Problem> problems;  ///< in file order
    [[nodiscard]] bool ok() const noexcept;
  };
  /// Reads a swarm file, loads its plug-ins and finds every mistake.
  [[nodiscard]] Checked check(const std::string& swarm_file, const Environment& environment);
  /// The same for one that is read already.
  [[nodiscard]] Checked check(SwarmFile file);

  /// Swarm files that one node is to run: each by itself, and that no two have one name or listen at one address.
  [[nodiscard]] std::vector<Checked> check_all(const std::vector<std::string>& swarm_files,
                                               const Environment& environment);

  [[nodiscard]] BeeRegistry& bees() noexcept { return bees_; }
  [[nodiscard]] GatewayRegistry& gateways() noexcept { return gateways_; }

 private:
  PluginLoader plugins_;
  BeeRegistry bees_;
  GatewayRegistry gateways_;
};

}  // namespace skep
