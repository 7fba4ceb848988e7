#pragma once
// From records to the tensors of one forward. Everything is checked before a tensor is made. Pure.

#include <cstddef>
#include <span>
#include <vector>

#include "model/model_options.hpp"
#include "skep/actors/model_engine.hpp"
#include "skep/serialization/record.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {

/// What one record gives to forward: one tensor per input, without the batch dimension.
struct Example {
  std::size_t record = 0;         ///< index in the batch it came with
  std::vector<Shape> shapes;      ///< no free dimension left; examples with equal ones can travel together
  std::vector<TensorView> views;  ///< into the record or into `owned`
  std::vector<std::vector<std::byte>> owned;

  [[nodiscard]] std::size_t bytes() const noexcept;
};

/// Throws BadRecord with the input's name and what is wrong with it.
[[nodiscard]] Example read_example(const Record& record, const ModelPlan& plan);

/// One tensor per input, `[examples, ...shape]`. All examples have the same shapes.
[[nodiscard]] std::vector<OwnedTensor> stack(std::span<const Example> examples, const ModelPlan& plan);

/// Zeros for `count` examples, free dimensions 1: what a warm-up runs.
[[nodiscard]] std::vector<OwnedTensor> zeros(std::size_t count, const ModelPlan& plan);
[[nodiscard]] std::size_t byte_count(const std::vector<OwnedTensor>& tensors) noexcept;

}  // namespace skep
