#include "skep/runtime/plugin_loader.hpp"

#include <algorithm>
#include <stdexcept>

#include "shared_object.hpp"
#include "skep/actors/plugin.hpp"

namespace skep {
namespace {

bool is_plain(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && std::ranges::all_of(name, allowed);
}

Result<detail::SharedObject> open_plugin(const std::string& name, const char* suffix,
                                         const std::vector<std::string>& directories) {
  if (is_plain(name)) return detail::SharedObject::open(name + suffix, directories);
  return Error{errc::invalid_argument, "'" + name +
                                           "' is no plug-in's name: a name has lower-case letters, digits, '-' and "
                                           "'_'; the directories are a setting of the node ('plugins')"};
}

/// Calls into foreign code; what it throws is said with its path.
template <class Call>
Result<void> guarded(const std::string& path, Call&& call) {
  try {
    call();
    return {};
  } catch (const std::exception& thrown) {
    return Error{errc::invalid_argument, "plug-in '" + path + "': " + thrown.what()};
  } catch (...) {
    return Error{errc::invalid_argument, "plug-in '" + path + "' threw something that is no std::exception"};
  }
}

Result<void> merge(const BeeRegistry& from, const std::string& path, BeeRegistry& to) {
  const auto names = from.names();
  for (const auto& name : names) {
    if (to.find(name) == nullptr) continue;
    return Error{errc::invalid_argument, "plug-in '" + path + "': its bee class '" + name + "' is already registered"};
  }
  for (const auto& name : names) to.add(*from.find(name));
  return {};
}

}  // namespace

PluginLoader::PluginLoader(std::vector<std::string> directories) : directories_(std::move(directories)) {}

Result<void> PluginLoader::load_bees(const std::string& name, BeeRegistry& registry) {
  const std::scoped_lock lock(mutex_);
  if (bees_loaded_.contains(name)) return {};
  const auto object = open_plugin(name, ".so", directories_);
  if (!object) return object.error();
  const auto entry = object->symbol(plugin_bees_symbol);
  if (!entry) return entry.error();
  BeeRegistry theirs;  // apart, so that a plug-in registers all of its classes or none
  auto registered = guarded(object->path(), [&] { reinterpret_cast<PluginBees>(entry.value())(theirs); });
  if (registered) registered = merge(theirs, object->path(), registry);
  if (registered) bees_loaded_.insert(name);
  return registered;
}

Result<Engine*> PluginLoader::load_engine(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (const auto known = engines_.find(name); known != engines_.end()) return known->second;
  const auto object = open_plugin(name, "_engine.so", directories_);
  if (!object) return object.error();
  const auto entry = object->symbol(plugin_engine_symbol);
  if (!entry) return entry.error();
  Engine* engine = nullptr;
  const auto made = guarded(object->path(), [&] { engine = reinterpret_cast<PluginEngine>(entry.value())(); });
  if (!made) return made.error();
  if (engine == nullptr) return Error{errc::incompatible, "plug-in '" + object->path() + "' gave no engine"};
  return engines_.emplace(name, engine).first->second;
}

}  // namespace skep
