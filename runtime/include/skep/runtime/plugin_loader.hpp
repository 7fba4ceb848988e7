#pragma once
// Finds, checks and loads plug-ins. Never unloads: objects, vtables and messages of theirs may live anywhere.

#include <memory>
#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/actors/model_engine.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class PluginLoader {
 public:
  /// `directories` are searched in order; nothing outside them is loaded.
  explicit PluginLoader(std::vector<std::string> directories);

  /// Loads `<directory>/<name>.so` and registers its bees; a second call does nothing. Errors: `errc::not_found` with
  /// the directories searched, `errc::incompatible` with both ABI stamps, `errc::invalid_argument` for a name that is
  /// a path, a file that others can write, or one without entry point.
  [[nodiscard]] Result<void> load_bees(const std::string& name, BeeRegistry& registry);
  /// Loads `<directory>/<name>_engine.so`.
  [[nodiscard]] Result<Engine*> load_engine(const std::string& name);

  [[nodiscard]] const std::vector<std::string>& directories() const noexcept { return directories_; }

 private:
  std::vector<std::string> directories_;
  std::vector<std::string> loaded_;
};

}  // namespace skep
