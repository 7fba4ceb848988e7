#include "model/model_answer.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "skep/serialization/counted.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace {

/// A payload that owns its bytes, so that it outlives `text`.
Payload owned_json(const std::string& text) {
  return Payload::share(Buffer::copy_of(std::as_bytes(std::span(text))), {ContentKind::json});
}

TensorView row_of(const OwnedTensor& output, std::size_t row) {
  const auto bytes = output.bytes.bytes();
  const auto size = bytes.size() / static_cast<std::size_t>(output.shape.front());
  return {output.dtype, std::span(output.shape).subspan(1), bytes.subspan(row * size, size)};
}

/// Rows need not be aligned for `T`.
template <class T>
std::int64_t argmax_of(std::span<const std::byte> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (values.empty()) throw std::runtime_error("argmax of an output without values");
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return std::max_element(values.begin(), values.end()) - values.begin();
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

Payload answer_of(std::span<const OwnedTensor> outputs, std::size_t row, const ModelPlan& plan) {
  if (plan.answers_json()) return owned_json(json_of(outputs, row, plan));
  const auto view = row_of(outputs.front(), row);
  return tensor_payload(view.dtype(), view.shape(), view.bytes());
}

}  // namespace skep
