#pragma once
// The options of `skep.model`, as a file has them and as the bee uses them.

#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/option.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {

struct ModelOptions {
  FilePath model;
  std::string sha256;
  std::string engine = "torch";
  std::string device = "cpu";
  std::int64_t threads = 1;
  std::vector<OptionValue> inputs;
  std::vector<std::string> outputs = {"output"};
  std::string answer = "json";
  std::string argmax;
  bool finite = true;
  std::vector<std::int64_t> warm_up = {1, 2, 4, 8, 16, 32};
  ByteSize model_bytes_max{limits::model_bytes_max};
  ByteSize batch_bytes_max{limits::model_batch_bytes_max};
};

/// One argument of the model's forward, for one record: the batch dimension is added in front.
struct ModelInput {
  std::string name;
  std::string field;  ///< where a JSON record has it
  DType dtype = DType::f32;
  Shape shape;  ///< -1: free
};

/// Checked options.
struct ModelPlan {
  ModelOptions options;
  std::vector<ModelInput> inputs;

  [[nodiscard]] bool answers_json() const noexcept { return options.answer == "json"; }
};

[[nodiscard]] BeeDescription describe_model_bee();
/// Fills `to`; returns every mistake, each at its place.
[[nodiscard]] std::vector<OptionProblem> read_model_options(const OptionValue& table, SourcePosition where,
                                                            ModelPlan& to);

}  // namespace skep
