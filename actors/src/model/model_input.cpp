#include "model/model_input.hpp"

#include <cassert>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>

#include "skep/serialization/counted.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace {

BadRecord bad_input(const ModelInput& input, const std::string& what) {
  return BadRecord("input '" + input.name + "': " + what);
}

bool fits(std::span<const std::int64_t> shape, const Shape& wanted) {
  if (shape.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (wanted[i] != -1 && wanted[i] != shape[i]) return false;
  }
  return true;
}

/// Index of the first element whose exponent bits are all set: NaN or an infinity.
template <class Bits>
std::optional<std::size_t> first_not_finite(std::span<const std::byte> bytes, Bits exponent) {
  for (std::size_t i = 0; i * sizeof(Bits) < bytes.size(); ++i) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + i * sizeof(Bits), sizeof(Bits));
    if ((bits & exponent) == exponent) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> first_not_finite(const TensorView& tensor) {
  switch (tensor.dtype()) {
    case DType::f16:
      return first_not_finite<std::uint16_t>(tensor.bytes(), 0x7c00);
    case DType::bf16:
      return first_not_finite<std::uint16_t>(tensor.bytes(), 0x7f80);
    case DType::f32:
      return first_not_finite<std::uint32_t>(tensor.bytes(), 0x7f800000);
    case DType::f64:
      return first_not_finite<std::uint64_t>(tensor.bytes(), 0x7ff0000000000000);
    default:
      return std::nullopt;
  }
}

void check_tensor(const TensorView& tensor, const ModelInput& input, const ModelOptions& options) {
  if (tensor.dtype() != input.dtype) {
    throw bad_input(
        input, "expected " + std::string(to_string(input.dtype)) + ", got " + std::string(to_string(tensor.dtype())));
  }
  if (!fits(tensor.shape(), input.shape)) {
    throw bad_input(input, "expected shape " + to_string(input.shape) + ", got " + to_string(tensor.shape()));
  }
  if (!options.finite) return;
  if (const auto index = first_not_finite(tensor)) {
    throw bad_input(input, "element " + std::to_string(*index) + " is not a finite number");
  }
}

Example from_tensor(const Record& record, const ModelPlan& plan) {
  if (plan.inputs.size() != 1) {
    throw BadRecord("the model takes " + counted(plan.inputs.size(), "input") + ", a tensor record is only one");
  }
  auto tensor = record.tensor();
  check_tensor(tensor, plan.inputs.front(), plan.options);
  Example example;
  example.shapes.emplace_back(tensor.shape().begin(), tensor.shape().end());
  example.views.push_back(std::move(tensor));
  return example;
}

Example from_json(const Record& record, const ModelPlan& plan) {
  const auto document = read_json(record.text());
  Example example;
  for (const auto& input : plan.inputs) {
    auto array = document.array(input.field, input.dtype, input.shape);
    if (!array) throw bad_input(input, array.error().message);
    example.shapes.push_back(std::move(array->shape));
    example.owned.push_back(std::move(array->bytes));
    example.views.emplace_back(input.dtype, example.shapes.back(), example.owned.back());
  }
  return example;
}

OwnedTensor batch_tensor(DType dtype, std::size_t count, const Shape& shape) {
  OwnedTensor tensor{dtype, {static_cast<std::int64_t>(count)}, {}};
  tensor.shape.insert(tensor.shape.end(), shape.begin(), shape.end());
  const auto elements = element_count(tensor.shape);
  assert(elements);
  tensor.bytes = Buffer::allocate(*elements * size_of(dtype));
  return tensor;
}

}  // namespace

std::size_t Example::bytes() const noexcept {
  return std::accumulate(views.begin(), views.end(), std::size_t{0},
                         [](std::size_t sum, const TensorView& view) { return sum + view.bytes().size(); });
}

Example read_example(const Record& record, const ModelPlan& plan) {
  switch (record.content().kind) {
    case ContentKind::tensor:
      return from_tensor(record, plan);
    case ContentKind::json:
      return from_json(record, plan);
    default:
      break;
  }
  throw BadRecord("the model reads json and tensor records, this one is " +
                  std::string(to_string(record.content().kind)));
}

std::vector<OwnedTensor> stack(std::span<const Example> examples, const ModelPlan& plan) {
  std::vector<OwnedTensor> tensors;
  for (std::size_t input = 0; input < plan.inputs.size(); ++input) {
    auto& tensor =
        tensors.emplace_back(batch_tensor(plan.inputs[input].dtype, examples.size(), examples.front().shapes[input]));
    auto* to = tensor.bytes.writable().data();
    for (const auto& example : examples) {
      const auto from = example.views[input].bytes();
      to = std::copy(from.begin(), from.end(), to);
    }
  }
  return tensors;
}

std::vector<OwnedTensor> zeros(std::size_t count, const ModelPlan& plan) {
  std::vector<OwnedTensor> tensors;
  for (const auto& input : plan.inputs) {
    auto shape = input.shape;
    std::replace(shape.begin(), shape.end(), std::int64_t{-1}, std::int64_t{1});
    auto& tensor = tensors.emplace_back(batch_tensor(input.dtype, count, shape));
    std::fill(tensor.bytes.writable().begin(), tensor.bytes.writable().end(), std::byte{0});
  }
  return tensors;
}

std::size_t byte_count(const std::vector<OwnedTensor>& tensors) noexcept {
  return std::accumulate(tensors.begin(), tensors.end(), std::size_t{0},
                         [](std::size_t sum, const OwnedTensor& one) { return sum + one.bytes.bytes().size(); });
}

}  // namespace skep
