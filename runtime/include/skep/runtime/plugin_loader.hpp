#pragma once
// Finds, checks and loads plug-ins. Never unloads: objects, vtables and messages of theirs may live anywhere.
//
// A plug-in's code runs with all the rights of the process, so only configured directories are searched, and a file
// that someone else could have written is refused. Its manifest tells what it has without running any of it. What was
// checked is what is loaded: the file is opened once and loaded through its descriptor. Lifetime: outlives the
// registries it fills, and its engines' models. Threads: any; loads run one after the other.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/actors/model_engine.hpp"
#include "skep/gateways/gateway_registry.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// What a plug-in's own file says of it.
enum class Manifest : std::uint8_t {
  checked,   ///< a plug-in without one, or with one that is refused, is not loaded
  none_yet,  ///< it is not looked at: that is how it comes to be made
};

class PluginLoader {
 public:
  /// `directories` are searched in order; nothing outside them is loaded. The gateway classes of plug-ins are
  /// registered in `gateways`, which outlives this; null: they are passed over.
  explicit PluginLoader(std::vector<std::string> directories, GatewayRegistry* gateways = nullptr);

  /// Loads `<directory>/<name>.so` and registers its bees; a second call does nothing. `registry` is always the same
  /// one. Errors: `errc::not_found` with the directories searched, `errc::incompatible` with both ABI stamps,
  /// `errc::invalid_argument` for a name that is no plain name ([a-z0-9_-]+), a file that others than root and this
  /// process's user can write, one whose SHA-256 is not `sha256` (in hex; empty: any), one for whose manifest
  /// `describe_bees` has an error, which is the same then, one without entry point, and a class name that is taken.
  [[nodiscard]] Result<void> load_bees(const std::string& name, BeeRegistry& registry, const std::string& sha256 = {},
                                       Manifest manifest = Manifest::checked);
  /// Registers what its manifest says of its bees, by `described_bee`: none of its code is loaded, and nothing can be
  /// built. A second call does nothing. Errors: as above; and for a manifest that is not there or cannot be read, is of
  /// another ABI, or describes what cannot be.
  [[nodiscard]] Result<void> describe_bees(const std::string& name, BeeRegistry& registry,
                                           const std::string& sha256 = {});
  /// Loads `<directory>/<name>_engine.so`; a second call gives the same one. Errors as above.
  [[nodiscard]] Result<Engine*> load_engine(const std::string& name);

  /// Of the file whose bees are registered, in hex; empty: there is none of this name.
  [[nodiscard]] std::string sha256_of(const std::string& name) const;

  [[nodiscard]] const std::vector<std::string>& directories() const noexcept { return directories_; }

 private:
  struct Classes;
  [[nodiscard]] Result<void> check_free(const Classes& classes, const std::string& plugin, const std::string& path,
                                        const BeeRegistry& bees) const;
  [[nodiscard]] Result<void> check_known(const std::string& name, const std::string& sha256) const;
  [[nodiscard]] Result<void> merge(const Classes& from, const std::string& plugin, const std::string& path,
                                   BeeRegistry& bees) const;

  std::vector<std::string> directories_;
  GatewayRegistry* gateways_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> known_;  ///< plug-ins whose bees are registered, and the SHA-256 of each
  std::map<std::string, Engine*> engines_;
};

}  // namespace skep
