// A plug-in with a stamp and nothing behind it.

#include "skep/actors/plugin.hpp"

extern "C" __attribute__((visibility("default"))) const char* skep_plugin_abi() {
  return skep::plugin_abi_stamp();
}
