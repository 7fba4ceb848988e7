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

/// A row of what a forward returned.
struct OutputRow {
  std::span<const OwnedTensor> outputs;
  std::size_t row;
};

/// What `record` is sent on as. Throws BadRecord if its outputs have no JSON (NaN, infinities).
[[nodiscard]] Record answer_to(const Record& record, OutputRow of, const ModelPlan& plan);

}  // namespace skep
