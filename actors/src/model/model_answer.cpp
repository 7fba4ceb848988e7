#include "model/model_answer.hpp"

#include <cstring>
#include <stdexcept>

#include "skep/serialization/counted.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace {

TensorView row_of(const OwnedTensor& output, std::size_t row) {
  const auto bytes = output.bytes.bytes();
  const auto size = bytes.size() / static_cast<std::size_t>(output.shape.front());
  return {output.dtype, std::span(output.shape).subspan(1), bytes.subspan(row * size, size)};
}

/// Rows need not be aligned for `T`.
template <class T>
T element_of(std::span<const std::byte> bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof value);
  return value;
}

template <class T>
std::int64_t argmax_of(std::span<const std::byte> bytes) {
  const auto count = bytes.size() / sizeof(T);
  if (count == 0) throw std::runtime_error("argmax of an output without values");
  std::size_t greatest = 0;
  for (std::size_t i = 1; i < count; ++i) {
    if (element_of<T>(bytes, greatest) < element_of<T>(bytes, i)) greatest = i;
  }
  return static_cast<std::int64_t>(greatest);
}

std::string json_of(std::span<const OwnedTensor> outputs, std::size_t row, const ModelPlan& plan) {
  JsonWriter json;
  json.begin_object();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    try {
      json.key(plan.options.outputs[i]).value(row_of(outputs[i], row));
    } catch (const BadRecord& problem) {
      throw BadRecord("output '" + plan.options.outputs[i] + "' of the model: " + problem.what());
    }
  }
  if (!plan.options.argmax.empty()) json.key(plan.options.argmax).value(argmax_of(outputs.front(), row));
  json.end_object();
  return json.take();
}

void check_output(const OwnedTensor& output, const std::string& name, std::size_t count) {
  const auto elements = element_count(output.shape);
  const bool whole = elements && *elements * size_of(output.dtype) == output.bytes.bytes().size();
  if (!whole || output.shape.empty() || output.shape.front() != static_cast<std::int64_t>(count)) {
    throw std::runtime_error("output '" + name + "' has shape " + to_string(output.shape) + " for a batch of " +
                             std::to_string(count) + "; its first dimension should be the batch");
  }
}

}  // namespace

void check_outputs(std::span<const OwnedTensor> outputs, std::size_t count, const ModelPlan& plan) {
  const auto& names = plan.options.outputs;
  if (outputs.size() != names.size()) {
    throw std::runtime_error("the model returns " + counted(outputs.size(), "tensor") + ", 'outputs' names " +
                             std::to_string(names.size()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) check_output(outputs[i], names[i], count);
}

std::int64_t argmax_of(const OwnedTensor& output, std::size_t row) {
  const auto bytes = row_of(output, row).bytes();
  switch (output.dtype) {
    case DType::f32:
      return argmax_of<float>(bytes);
    case DType::f64:
      return argmax_of<double>(bytes);
    case DType::i64:
      return argmax_of<std::int64_t>(bytes);
    case DType::i32:
      return argmax_of<std::int32_t>(bytes);
    case DType::u8:
      return argmax_of<std::uint8_t>(bytes);
    default:
      break;
  }
  throw std::runtime_error("argmax of " + std::string(to_string(output.dtype)) + " is not known");
}

Record answer_to(const Record& record, OutputRow of, const ModelPlan& plan) {
  if (plan.answers_json()) return record.with(Payload::json(std::string_view(json_of(of.outputs, of.row, plan))));
  const auto view = row_of(of.outputs.front(), of.row);
  return record.with(tensor_payload(view.dtype(), view.shape(), view.bytes()));
}

}  // namespace skep
