// A model engine that has no models.

#include "skep/actors/model_engine.hpp"
#include "skep/actors/plugin.hpp"

namespace {

class FakeEngine final : public skep::Engine {
 public:
  skep::Result<std::unique_ptr<skep::Model>> load(std::span<const std::byte>, const skep::LoadOptions&) override {
    return skep::Error{skep::errc::invalid_argument, "no models here"};
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const char* skep_plugin_abi() {
  return skep::plugin_abi_stamp();
}
extern "C" __attribute__((visibility("default"))) skep::Engine* skep_plugin_engine() {
  static FakeEngine engine;
  return &engine;
}
