#pragma once
// The entry point of a plug-in: `SKEP_BEES(bees) { bees.add<Normalize>("digits.normalize"); }`.
//
// A plug-in is a shared object built by `skep_add_plugin()`. Before anything of it is called, its ABI stamp is
// compared with the host's; what differs is refused with both stamps shown.

#include <string_view>

#include "skep/actors/bee_registry.hpp"

namespace skep {

/// Raised whenever a header that plug-ins compile against changes in layout or meaning.
inline constexpr int plugin_abi_version = 1;

// Text that two builds must share to call each other: ABI version, compiler, library ABI, word size.
#define SKEP_ABI_TEXT_(x) #x
#define SKEP_ABI_TEXT(x) SKEP_ABI_TEXT_(x)
#if defined(__clang__)
#define SKEP_ABI_COMPILER "clang " SKEP_ABI_TEXT(__clang_major__)
#else
#define SKEP_ABI_COMPILER "gcc " SKEP_ABI_TEXT(__GNUC__)
#endif
#define SKEP_ABI_STAMP                                                                                   \
  "skep-abi 1, " SKEP_ABI_COMPILER ", libstdc++ cxx11=" SKEP_ABI_TEXT(_GLIBCXX_USE_CXX11_ABI) ", bits=" \
      SKEP_ABI_TEXT(__SIZEOF_POINTER__) "*8"

inline constexpr const char* plugin_abi_symbol = "skep_plugin_abi";
inline constexpr const char* plugin_bees_symbol = "skep_plugin_bees";
using PluginBees = void (*)(BeeRegistry&);

}  // namespace skep

/// Defines a plug-in's entry point; the block that follows registers its bees.
#define SKEP_BEES(registry)                                                                              \
  extern "C" __attribute__((visibility("default"))) const char skep_plugin_abi[] = SKEP_ABI_STAMP;       \
  extern "C" __attribute__((visibility("default"))) void skep_plugin_bees(::skep::BeeRegistry& registry)
