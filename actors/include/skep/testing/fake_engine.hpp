#pragma once
// Stands in for a model engine: a function of the test's is the model.
//
//   FakeEngine engine([](std::span<const TensorView> inputs) { return std::vector{scores_of(inputs[0])}; });

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "skep/actors/model_engine.hpp"

namespace skep::testing {

/// Its fields may be read and changed while no bee runs.
class FakeEngine final : public Engine {
 public:
  /// As Model::forward: one batch in, the outputs of that batch. A std::runtime_error is the model's own failure.
  using Forward = std::function<std::vector<OwnedTensor>(std::span<const TensorView> inputs)>;

  explicit FakeEngine(Forward function) : forward(std::move(function)) {}

  [[nodiscard]] Result<std::unique_ptr<Model>> load(std::span<const std::byte> file,
                                                    const LoadOptions& options) override;

  /// An f32 tensor out of its numbers. Their count must fit `shape` (asserted).
  [[nodiscard]] static OwnedTensor tensor(Shape shape, const std::vector<float>& values);

  Forward forward;
  std::vector<std::string> loaded;        ///< the bytes of each model file
  LoadOptions load_options;               ///< of the last one
  std::vector<std::vector<Shape>> asked;  ///< the shapes of each forward's inputs; a warm-up is asked, too
};

}  // namespace skep::testing
