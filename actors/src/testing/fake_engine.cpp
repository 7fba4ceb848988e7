#include "skep/testing/fake_engine.hpp"

#include <cassert>

namespace skep::testing {
namespace {

class FakeModel final : public Model {
 public:
  explicit FakeModel(FakeEngine& engine) : engine_(engine) {}

  std::vector<OwnedTensor> forward(std::span<const TensorView> inputs) override {
    auto& shapes = engine_.asked.emplace_back();
    for (const auto& input : inputs) shapes.emplace_back(input.shape().begin(), input.shape().end());
    return engine_.forward(inputs);
  }

 private:
  FakeEngine& engine_;
};

}  // namespace

Result<std::unique_ptr<Model>> FakeEngine::load(std::span<const std::byte> file, const LoadOptions& options) {
  loaded.emplace_back(reinterpret_cast<const char*>(file.data()), file.size());
  load_options = options;
  return std::unique_ptr<Model>(std::make_unique<FakeModel>(*this));
}

OwnedTensor FakeEngine::tensor(Shape shape, const std::vector<float>& values) {
  std::size_t count = 1;
  for (const auto dimension : shape) count *= static_cast<std::size_t>(dimension);
  assert(count == values.size());
  return {DType::f32, std::move(shape), Buffer::copy_of(std::as_bytes(std::span(values)))};
}

}  // namespace skep::testing
