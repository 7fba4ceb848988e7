#pragma once
// From the tensors a forward returned to what each record is sent on with. Pure.

#include <cstddef>
#include <span>
#include <string>

#include "model/model_options.hpp"
#include "skep/actors/model_engine.hpp"

namespace skep {

/// Throws std::runtime_error unless there is one output per name, each with `count` as its first dimension.
void check_outputs(std::span<const OwnedTensor> outputs, std::size_t count, const ModelPlan& plan);

/// Index of the greatest element of one record, the first of equal ones. Throws std::runtime_error for a dtype that it
/// does not know.
[[nodiscard]] std::int64_t argmax_of(const OwnedTensor& output, std::size_t row);

/// The outputs of one record of the batch. Throws BadRecord if they have no JSON (NaN, infinities).
[[nodiscard]] Payload answer_of(std::span<const OwnedTensor> outputs, std::size_t row, const ModelPlan& plan);

}  // namespace skep
