// A plug-in of another build: nothing of it may be called but its stamp.

#include <cstdlib>

namespace skep {
class BeeRegistry;
}

extern "C" __attribute__((visibility("default"))) const char* skep_plugin_abi() {
  return "skep-abi 0, another compiler";
}
extern "C" __attribute__((visibility("default"))) void skep_plugin_bees(skep::BeeRegistry&) {
  std::abort();
}
