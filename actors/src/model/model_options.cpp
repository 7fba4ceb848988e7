#include "model/model_options.hpp"

#include <algorithm>
#include <set>

#include "skep/actors/sha256.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace {

/// One table of `inputs`.
struct InputOptions {
  std::string name;
  std::string field;
  std::string dtype = "f32";
  std::vector<std::int64_t> shape;
};

/// Collects mistakes, each at the option that has it.
class Mistakes {
 public:
  Mistakes(const OptionValue& table, SourcePosition where, std::vector<OptionProblem>& found)
      : table_(table), where_(where), found_(found) {}

  void at(std::string_view option, std::string message, std::string suggestion = {}) {
    const auto* value = table_.find(option);
    found_.push_back({value != nullptr ? value->position : where_, std::move(message), std::move(suggestion)});
  }

 private:
  const OptionValue& table_;
  SourcePosition where_;
  std::vector<OptionProblem>& found_;
};

std::vector<std::string> dtype_names() {
  std::vector<std::string> names;
  for (auto dtype = 0; dtype <= static_cast<int>(DType::f64); ++dtype) {
    names.emplace_back(to_string(static_cast<DType>(dtype)));
  }
  return names;
}

OptionSet<ModelOptions> model_options() {
  OptionSet<ModelOptions> set;
  set.add("model", &ModelOptions::model, "the model's file; only its owner may write it", {.required = true})
      .add("inputs", &ModelOptions::inputs,
           "what forward takes, in order: { name, dtype, shape, field }; shape is of one record, -1 is free",
           {.required = true})
      .add("outputs", &ModelOptions::outputs, "names for what forward returns, in order")
      .add("answer", &ModelOptions::answer, "how a record's outputs are sent on", {.one_of = {"json", "tensor"}})
      .add("argmax", &ModelOptions::argmax,
           "JSON field for the index of the first output's greatest element; empty: none")
      .add("sha256", &ModelOptions::sha256, "of the file, in hex; another one is refused")
      .add("engine", &ModelOptions::engine, "plug-in that runs the model")
      .add("device", &ModelOptions::device, "where it runs")
      .add("threads", &ModelOptions::threads, "inside one forward; replicas scale better",
           {.min = 1, .max = limits::model_threads_max})
      .add("finite", &ModelOptions::finite, "refuse NaN and infinities in tensor records")
      .add("warm_up", &ModelOptions::warm_up, "batch sizes run once before the bee is ready")
      .add("model_bytes_max", &ModelOptions::model_bytes_max, "largest file", {.min = 1})
      .add("batch_bytes_max", &ModelOptions::batch_bytes_max, "inputs of one forward; larger batches are split",
           {.min = 1});
  return set;
}

OptionSet<InputOptions> input_options() {
  OptionSet<InputOptions> set;
  set.add("name", &InputOptions::name, {.required = true})
      .add("field", &InputOptions::field)
      .add("dtype", &InputOptions::dtype, {.one_of = dtype_names()})
      .add("shape", &InputOptions::shape, {.required = true});
  return set;
}

bool has_free(const Shape& shape) {
  return std::count(shape.begin(), shape.end(), -1) > 0;
}

std::string shape_mistake(const ModelInput& input) {
  const auto text = to_string(input.shape);
  if (input.shape.size() >= limits::tensor_rank_max) {
    return "shape " + text + " has too many dimensions: at most " + std::to_string(limits::tensor_rank_max - 1);
  }
  const auto valid = [](std::int64_t size) { return size == -1 || size >= 1; };
  if (!std::all_of(input.shape.begin(), input.shape.end(), valid)) {
    return "shape " + text + ": a dimension is at least 1, or -1 where it is free";
  }
  if (has_free(input.shape)) return {};
  const auto count = element_count(input.shape);
  if (count && *count <= limits::payload_bytes_max / size_of(input.dtype)) return {};
  return "shape " + text + " is more than a record can hold (" + to_string(ByteSize{limits::payload_bytes_max}) + ")";
}

void read_input(const OptionValue& value, ModelPlan& plan, std::vector<OptionProblem>& problems) {
  InputOptions options;
  auto found = input_options().read(value, value.position, options);
  const bool readable = found.empty();
  std::move(found.begin(), found.end(), std::back_inserter(problems));
  if (!readable) return;

  ModelInput input{options.name, options.field.empty() ? "$." + options.name : options.field,
                   dtype_from(options.dtype).value_or(DType::f32), options.shape};
  Mistakes mistakes(value, value.position, problems);
  const auto same_name = [&](const ModelInput& other) { return other.name == input.name; };
  if (input.name.empty()) mistakes.at("name", "an input needs a name");
  if (std::any_of(plan.inputs.begin(), plan.inputs.end(), same_name)) {
    mistakes.at("name", "input '" + input.name + "' is there twice");
  }
  if (!is_json_path(input.field)) {
    mistakes.at("field", "'" + input.field + "' is no JSON path", "write it like $.pixels or $.a.b[2]");
  }
  if (const auto mistake = shape_mistake(input); !mistake.empty()) mistakes.at("shape", mistake);
  plan.inputs.push_back(std::move(input));
}

void check_outputs(const ModelOptions& options, Mistakes& mistakes) {
  const auto& names = options.outputs;
  if (names.empty()) mistakes.at("outputs", "'outputs' needs at least one name");
  if (names.size() > limits::model_tensors_max) {
    mistakes.at("outputs", "at most " + std::to_string(limits::model_tensors_max) + " outputs");
  }
  if (std::count(names.begin(), names.end(), "") > 0) mistakes.at("outputs", "an output needs a name");
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    mistakes.at("outputs", "an output is there twice");
  }
  if (!options.argmax.empty() && std::count(names.begin(), names.end(), options.argmax) > 0) {
    mistakes.at("argmax", "'" + options.argmax + "' is already an output");
  }
  if (options.answer == "tensor" && (names.size() != 1 || !options.argmax.empty())) {
    mistakes.at("answer", "a tensor answer is one output, without argmax", "use answer = \"json\"");
  }
}

void check_values(const ModelOptions& options, Mistakes& mistakes) {
  if (!options.sha256.empty() && !is_sha256(options.sha256)) {
    mistakes.at("sha256", "'sha256' is 64 hex digits", "sha256sum prints them");
  }
  const auto valid = [](std::int64_t size) { return size >= 1 && size <= limits::batch_size_max; };
  if (!std::all_of(options.warm_up.begin(), options.warm_up.end(), valid)) {
    mistakes.at("warm_up", "a batch size is 1 to " + std::to_string(limits::batch_size_max));
  }
}

void read_inputs(ModelPlan& plan, Mistakes& mistakes, std::vector<OptionProblem>& problems) {
  const auto count = plan.options.inputs.size();
  if (count == 0) mistakes.at("inputs", "'inputs' needs at least one table");
  if (count > limits::model_tensors_max) {
    return mistakes.at("inputs", "at most " + std::to_string(limits::model_tensors_max) + " inputs");
  }
  for (const auto& input : plan.options.inputs) read_input(input, plan, problems);
}

}  // namespace

BeeDescription describe_model_bee() {
  BeeDescription description;
  description.name = "skep.model";
  description.summary = "Runs a model on batches of records and sends each record's outputs on.";
  description.inputs = {ContentKind::json, ContentKind::tensor};
  description.outputs = {{"default", "each record's outputs"}};
  description.options = model_options().descriptions();
  description.takes_batches = true;
  return description;
}

std::vector<OptionProblem> read_model_options(const OptionValue& table, SourcePosition where, ModelPlan& to) {
  auto problems = model_options().read(table, where, to.options);
  const bool inputs_missing = table.find("inputs") == nullptr || (!problems.empty() && to.options.inputs.empty());
  Mistakes mistakes(table, where, problems);
  if (!inputs_missing) read_inputs(to, mistakes, problems);
  check_outputs(to.options, mistakes);
  check_values(to.options, mistakes);
  return problems;
}

}  // namespace skep
