#include "skep/runtime/plugin_loader.hpp"

#include <algorithm>
#include <stdexcept>

#include "shared_object.hpp"
#include "skep/actors/described_bee.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/gateways/plugin.hpp"
#include "skep/runtime/plugin_manifest.hpp"

namespace skep {
namespace {

bool is_plain(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && std::ranges::all_of(name, allowed);
}

Result<detail::PluginFile> open_plugin(const std::string& name, const char* suffix,
                                       const std::vector<std::string>& directories) {
  if (is_plain(name)) return detail::PluginFile::open(name + suffix, directories);
  return Error{errc::invalid_argument, "'" + name +
                                           "' is no plug-in's name: a name has lower-case letters, digits, '-' and "
                                           "'_'; the directories are a setting of the node ('plugins')"};
}

Result<detail::SharedObject> load_plugin(const std::string& name, const char* suffix,
                                         const std::vector<std::string>& directories) {
  auto file = open_plugin(name, suffix, directories);
  return file ? detail::SharedObject::load(std::move(file).value()) : Result<detail::SharedObject>(file.error());
}

Error without_manifest(const std::string& path, const Error& why) {
  return {
      why.code == errc::not_found ? errc::invalid_argument : why.code,
      "plug-in '" + path + "' has no manifest that can be read (is it built by skep_add_plugin()?): " + why.message};
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

/// Throws std::invalid_argument.
void describe(const PluginManifest& manifest, BeeRegistry& bees, GatewayRegistry& gateways) {
  if (const auto added = bees.add_schemas(manifest.schemas, ""); !added) {
    throw std::invalid_argument(added.error().message);
  }
  for (const auto& bee : manifest.bees) {
    auto entry = described_bee(bee);
    if (!entry) throw std::invalid_argument(entry.error().message);
    bees.add(std::move(*entry));
  }
  for (const auto& gateway : manifest.gateways) {
    if (auto added = add_described(gateways, gateway); !added) throw std::invalid_argument(added.error().message);
  }
}

Error taken(const std::string& path, const std::string& what, const std::string& name) {
  return {errc::invalid_argument, "plug-in '" + path + "': its " + what + " '" + name + "' is already registered"};
}

/// What a plug-in has for bees, gateways or both. Errors: for one with neither.
Result<void> register_all(const detail::SharedObject& object, BeeRegistry& bees, GatewayRegistry& gateways) {
  const auto bees_entry = object.symbol(plugin_bees_symbol);
  const auto gateways_entry = object.symbol(plugin_gateways_symbol);
  if (!bees_entry && !gateways_entry) return bees_entry.error();
  return guarded(object.path(), [&] {
    if (bees_entry) reinterpret_cast<PluginBees>(bees_entry.value())(bees);
    if (gateways_entry) reinterpret_cast<PluginGateways>(gateways_entry.value())(gateways);
  });
}

}  // namespace

/// Those of one plug-in, apart, so that it registers all of its classes or none.
struct PluginLoader::Classes {
  BeeRegistry bees{};
  GatewayRegistry gateways{};

  /// As the manifest has them.
  Result<void> describe(const detail::PluginFile& file) {
    const auto manifest = read_manifest(file.descriptor());
    if (!manifest) return without_manifest(file.path(), manifest.error());
    if (const auto matches = detail::compare_abi(file.path(), manifest->abi); !matches) return matches;
    return guarded(file.path(), [&] { skep::describe(*manifest, bees, gateways); });
  }
};

PluginLoader::PluginLoader(std::vector<std::string> directories, GatewayRegistry* gateways)
    : directories_(std::move(directories)), gateways_(gateways) {}

/// Nothing of it stands against what is there.
Result<void> PluginLoader::check_free(const Classes& classes, const std::string& plugin, const std::string& path,
                                      const BeeRegistry& bees) const {
  for (const auto& name : classes.bees.names()) {
    if (bees.find(name) != nullptr) return taken(path, "bee class", name);
  }
  for (const auto& type : classes.gateways.types()) {
    if (gateways_ != nullptr && gateways_->find(type) != nullptr) return taken(path, "gateway class", type);
  }
  auto schemas = bees.schemas();
  const auto added = schemas.add(classes.bees.schemas().nodes(), "plug-in '" + plugin + "'");
  if (!added) return Error{added.error().code, "plug-in '" + path + "': " + added.error().message};
  return {};
}

Result<void> PluginLoader::merge(const Classes& from, const std::string& plugin, const std::string& path,
                                 BeeRegistry& bees) const {
  if (auto free = check_free(from, plugin, path, bees); !free) return free;
  const auto names = from.bees.names(), types = from.gateways.types();
  if (auto added = bees.add_schemas(from.bees.schemas().nodes(), "plug-in '" + plugin + "'"); !added) return added;
  for (const auto& name : names) {
    auto entry = *from.bees.find(name);
    entry.description.plugin = plugin;
    bees.add(std::move(entry));
  }
  for (const auto& type : types) {
    if (gateways_ != nullptr) gateways_->add(*from.gateways.find(type));
  }
  return {};
}

std::string PluginLoader::sha256_of(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto known = known_.find(name);
  return known == known_.end() ? std::string() : known->second;
}

/// One that is registered already may be asked for with another file in mind.
Result<void> PluginLoader::check_known(const std::string& name, const std::string& sha256) const {
  const auto& known = known_.at(name);
  if (sha256.empty() || same_sha256(sha256, known)) return {};
  return Error{errc::invalid_argument,
               "plug-in '" + name + "' is here already, and its SHA-256 is " + known + ", expected " + sha256};
}

Result<void> PluginLoader::load_bees(const std::string& name, BeeRegistry& registry, const std::string& sha256,
                                     Manifest manifest) {
  const std::scoped_lock lock(mutex_);
  if (known_.contains(name)) return check_known(name, sha256);
  auto file = open_plugin(name, ".so", directories_);
  if (!file) return file.error();
  const auto sum = file->checked_sha256(sha256);
  if (!sum) return sum.error();
  if (manifest == Manifest::checked) {
    Classes described;
    if (auto right = described.describe(*file); !right) return right;
    if (auto free = check_free(described, name, file->path(), registry); !free) return free;
  }
  const auto object = detail::SharedObject::load(std::move(file).value());
  if (!object) return object.error();
  Classes theirs;
  auto registered = register_all(*object, theirs.bees, theirs.gateways);
  if (registered) registered = merge(theirs, name, object->path(), registry);
  if (registered) known_.emplace(name, *sum);
  return registered;
}

Result<void> PluginLoader::describe_bees(const std::string& name, BeeRegistry& registry, const std::string& sha256) {
  const std::scoped_lock lock(mutex_);
  if (known_.contains(name)) return check_known(name, sha256);
  const auto file = open_plugin(name, ".so", directories_);
  if (!file) return file.error();
  const auto sum = file->checked_sha256(sha256);
  if (!sum) return sum.error();
  Classes theirs;
  auto registered = theirs.describe(*file);
  if (registered) registered = merge(theirs, name, file->path(), registry);
  if (registered) known_.emplace(name, *sum);
  return registered;
}

Result<Engine*> PluginLoader::load_engine(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (const auto known = engines_.find(name); known != engines_.end()) return known->second;
  const auto object = load_plugin(name, "_engine.so", directories_);
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
