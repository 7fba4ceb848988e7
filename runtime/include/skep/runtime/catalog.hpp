#pragma once
// What swarm files may name in this process: bee classes, gateway types, plug-ins. Checks files against it.
//
// Lifetime: outlives the swarms planned with it. Threads: one; what it plans may be used on any.

#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/lint.hpp"
#include "skep/runtime/plugin_loader.hpp"
#include "skep/runtime/swarm_file.hpp"

namespace skep {

/// What is done with plug-ins: their code runs in this process, or only their manifests are read.
enum class Plugins : std::uint8_t { load, describe };

class Catalog {
 public:
  /// Has the ready-made bees, `skep.model` and the gateways; plug-ins come from `plugin_directories`. What is planned
  /// with plug-ins that are only described cannot be started.
  explicit Catalog(std::vector<std::string> plugin_directories, Plugins plugins = Plugins::load);
  /// With one model engine for all names, which needs no model files: a test's.
  Catalog(std::vector<std::string> plugin_directories, Engine& engine);
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  /// As the catalog does with plug-ins.
  [[nodiscard]] Result<void> add_plugin(const std::string& name, const std::string& sha256 = {}) {
    return use_ == Plugins::load ? plugins_.load_bees(name, bees_, sha256)
                                 : plugins_.describe_bees(name, bees_, sha256);
  }

  struct Checked {
    SwarmSpec spec;
    SwarmPlan plan;                 ///< usable only if `ok()`
    std::vector<Problem> problems;  ///< in file order
    std::vector<SwarmTest> tests{};
    [[nodiscard]] bool ok() const noexcept;
  };
  /// Reads a swarm file, loads its plug-ins and finds every mistake. `cluster`: as for lint.
  [[nodiscard]] Checked check(const std::string& swarm_file, const Environment& environment,
                              const std::vector<ClusterNode>& cluster = {});
  /// The same for one that is read already.
  [[nodiscard]] Checked check(SwarmFile file, const std::vector<ClusterNode>& cluster = {});

  /// Swarm files that one node is to run: each by itself, and that no two have one name or listen at one address.
  /// Gateways listen where `node` says. Where it is wrong about that, one more says so, without a swarm: it is of the
  /// node's file.
  [[nodiscard]] std::vector<Checked> check_all(const std::vector<std::string>& swarm_files,
                                               const Environment& environment, const NodeConfig& node = {});

  /// Of the file of a plug-in that was loaded, or described; empty: it was not.
  [[nodiscard]] std::string plugin_sha256(const std::string& name) const { return plugins_.sha256_of(name); }

  [[nodiscard]] BeeRegistry& bees() noexcept { return bees_; }
  [[nodiscard]] GatewayRegistry& gateways() noexcept { return gateways_; }
  [[nodiscard]] const BeeRegistry& bees() const noexcept { return bees_; }
  [[nodiscard]] const GatewayRegistry& gateways() const noexcept { return gateways_; }

 private:
  PluginLoader plugins_;
  Plugins use_ = Plugins::load;
  BeeRegistry bees_;
  GatewayRegistry gateways_;
};

}  // namespace skep
