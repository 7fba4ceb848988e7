#pragma once
// The entry point of a plug-in's gateways: `SKEP_GATEWAYS(gateways) { gateways.add<Lines>("udp.lines"); }`.
//
// It may stand beside SKEP_BEES, or alone. What is said there of stamps holds here.

#include "skep/actors/plugin.hpp"
#include "skep/gateways/gateway_class.hpp"

namespace skep {

inline constexpr const char* plugin_gateways_abi_symbol = "skep_plugin_gateways_abi";  ///< PluginAbi, as SKEP_BEES has
inline constexpr const char* plugin_gateways_symbol = "skep_plugin_gateways";
using PluginGateways = void (*)(GatewayRegistry&);

}  // namespace skep

/// Defines a plug-in's entry points; the block that follows registers its gateways.
#define SKEP_GATEWAYS(registry)                                                              \
  extern "C" __attribute__((visibility("default"))) const char* skep_plugin_gateways_abi() { \
    return ::skep::plugin_abi_stamp();                                                       \
  }                                                                                          \
  extern "C" __attribute__((visibility("default"))) void skep_plugin_gateways(::skep::GatewayRegistry& registry)
