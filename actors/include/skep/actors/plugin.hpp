#pragma once
// The entry point of a plug-in: `SKEP_BEES(bees) { bees.add<Normalize>("digits.normalize"); }`.
//
// A plug-in is a shared object built by `skep_add_plugin()`. Before anything of it is called, its ABI stamp is
// compared with the host's; what differs is refused with both stamps shown.

#include <string>

#include "skep/actors/bee_registry.hpp"

namespace skep {

/// Raised whenever a header that plug-ins compile against changes in layout or meaning.
inline constexpr int plugin_abi_version = 7;

/// What two builds must share to call each other, as text: ABI version, project version, compiler, library ABI, word
/// size. Internal linkage: a plug-in states its own build, whatever the host exports.
[[maybe_unused]] static const char* plugin_abi_stamp() {
#if defined(SKEP_ABI_COMPILER)  // of the tree, for what another one compiles there
  static const std::string compiler = SKEP_ABI_COMPILER;
#elif defined(__clang__)
  static const std::string compiler = "clang " + std::to_string(__clang_major__);
#else
  static const std::string compiler = "gcc " + std::to_string(__GNUC__);
#endif
  static const std::string stamp = "skep-abi " + std::to_string(plugin_abi_version) + ", skep " SKEP_VERSION ", " +
                                   compiler + ", cxx11-abi=" + std::to_string(_GLIBCXX_USE_CXX11_ABI) +
                                   ", bits=" + std::to_string(8 * sizeof(void*));
  return stamp.c_str();
}

inline constexpr const char* plugin_abi_symbol = "skep_plugin_abi";
inline constexpr const char* plugin_bees_symbol = "skep_plugin_bees";
using PluginAbi = const char* (*)();  ///< the plug-in's own plugin_abi_stamp()
using PluginBees = void (*)(BeeRegistry&);

}  // namespace skep

/// Defines a plug-in's entry points; the block that follows registers its bees.
#define SKEP_BEES(registry)                                                         \
  extern "C" __attribute__((visibility("default"))) const char* skep_plugin_abi() { \
    return ::skep::plugin_abi_stamp();                                              \
  }                                                                                 \
  extern "C" __attribute__((visibility("default"))) void skep_plugin_bees(::skep::BeeRegistry& registry)
