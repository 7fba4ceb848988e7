#pragma once
// What a model engine is to Skep: loads a file, runs batches. LibTorch sits behind this in a plug-in of its own.
//
// Lifetime: an Engine outlives its Models. Threads: `load` from any; one Model is used by one bee, from one thread at
// a time.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "skep/serialization/result.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {

struct LoadOptions {
  std::string path;  ///< for error messages only: the bytes were read, and checked, before
  std::string device = "cpu";
  std::int64_t threads = 1;  ///< inside one forward
};

/// A tensor that an engine made. Row-major.
struct OwnedTensor {
  DType dtype = DType::f32;
  Shape shape;
  Buffer bytes;

  [[nodiscard]] TensorView view() const { return {dtype, shape, bytes.bytes()}; }
};

class Model {
 public:
  virtual ~Model();
  /// Runs one batch. `inputs` and the results have the batch as their first dimension. Throws std::runtime_error with
  /// the engine's words.
  [[nodiscard]] virtual std::vector<OwnedTensor> forward(std::span<const TensorView> inputs) = 0;
};

class Engine {
 public:
  virtual ~Engine();
  /// Errors: `errc::invalid_argument` for bytes that are no model, or a device that is not there.
  [[nodiscard]] virtual Result<std::unique_ptr<Model>> load(std::span<const std::byte> file,
                                                            const LoadOptions& options) = 0;
};

/// Finds an engine by name ("torch"), loading its plug-in on first use. Errors: `errc::not_found` with what is missing.
using EngineSource = std::function<Result<Engine*>(const std::string& name)>;

/// The entry point of an engine plug-in, beside the ABI stamp of plugin.hpp.
inline constexpr const char* plugin_engine_symbol = "skep_plugin_engine";
using PluginEngine = Engine* (*)();  ///< a static; never deleted

class BeeRegistry;
enum class ModelFiles : std::uint8_t {
  read,
  not_read,  ///< engines load no bytes, and `sha256` is not looked at: for engines that stand in for real ones
};
/// Registers `skep.model`.
void add_model_bee(BeeRegistry& registry, EngineSource engines, ModelFiles files = ModelFiles::read);

}  // namespace skep
