// skep manifest <plugin.so>: what the manifest of a plug-in is to say. Its build asks, and puts it into the file.

#include <filesystem>
#include <iostream>

#include "arguments.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/runtime/plugin_loader.hpp"
#include "skep/runtime/plugin_manifest.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  return {};
}

std::string help() {
  return "Loads a plug-in and prints its ABI, its bee classes and its gateway classes, as JSON. skep_add_plugin()\n"
         "puts that into the plug-in's file, from where lint, graph and bees read it without running any of its "
         "code.\n\n"
         "Examples:\n  skep manifest build/plugins/hello.so\n";
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(manifest_verb, arguments.error().message);
  if (arguments->files.size() != 1) return usage_error(manifest_verb, "which plug-in? It takes one file");
  const auto file = std::filesystem::absolute(arguments->files.front());
  GatewayRegistry gateways;
  PluginLoader loader({file.parent_path().string()}, &gateways);
  BeeRegistry bees;
  if (const auto loaded = loader.load_bees(file.stem().string(), bees, {}, Manifest::none_yet); !loaded) {
    std::cerr << "skep manifest: " << loaded.error().message << '\n';
    return failure;
  }
  PluginManifest manifest{.abi = plugin_abi_stamp()};
  for (const auto& name : bees.names()) manifest.bees.push_back(bees.find(name)->description);
  for (const auto& type : gateways.types()) {
    auto& gateway = manifest.gateways.emplace_back(gateways.find(type)->description);
    const auto own = gateway.options.begin() + static_cast<std::ptrdiff_t>(gateway.shared_options);
    gateway.options.erase(gateway.options.begin(), own);
  }
  manifest.schemas = bees.schemas().nodes();
  std::cout << to_json(manifest) << '\n';
  return success;
}

}  // namespace

const Command manifest_verb{"manifest", "<plugin.so>", "Prints what a plug-in's manifest is to say", help, run};

}  // namespace skep::cli
