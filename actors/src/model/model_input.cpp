#include "model/model_input.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "skep/serialization/counted.hpp"

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

/// Whether one of `count` elements is NaN or an infinity: all bits of its exponent are set, so that the lowest of them,
/// added, carries into the sign. Without a branch and of a fixed count, of which a compiler makes vectors.
template <std::size_t count, class Bits>
bool has_not_finite(const std::byte* at, Bits exponent) {
  const auto lowest = static_cast<Bits>(exponent & -exponent);
  Bits carried = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Bits bits;
    std::memcpy(&bits, at + i * sizeof bits, sizeof bits);
    carried |= static_cast<Bits>((bits & exponent) + lowest);
  }
  return (carried & static_cast<Bits>(exponent + lowest)) != 0;
}

/// Index of the first element that is NaN or an infinity.
template <class Bits>
std::optional<std::size_t> first_not_finite(std::span<const std::byte> bytes, Bits exponent) {
  constexpr std::size_t step = 512;
  std::size_t at = 0;
  while (at + step <= bytes.size() && !has_not_finite<step / sizeof(Bits)>(&bytes[at], exponent)) at += step;
  for (; at < bytes.size(); at += sizeof(Bits)) {
    if (has_not_finite<1>(&bytes[at], exponent)) return at / sizeof(Bits);
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

std::vector<Shape> shapes_of(const ModelPlan& plan) {
  std::vector<Shape> shapes;
  for (const auto& input : plan.inputs) shapes.push_back(input.shape);
  return shapes;
}

bool has_free(const std::vector<Shape>& shapes) {
  return std::any_of(shapes.begin(), shapes.end(),
                     [](const Shape& shape) { return std::count(shape.begin(), shape.end(), -1) > 0; });
}

/// A text of more than this leaves no memory behind.
constexpr std::size_t kept_text_bytes_max = 256u << 10;

}  // namespace

ModelBatch::ModelBatch(const ModelPlan& plan) : plan_(plan), fixed_(!has_free(shapes_of(plan))) {
  if (fixed_) rows_.try_emplace(shapes_of(plan), plan, shapes_of(plan));
}

void ModelBatch::reset(std::size_t expected) noexcept {
  if (!fixed_) return rows_.clear();
  rows_.begin()->second.reset(expected);
}

ModelRows& ModelBatch::add(const Record& record, std::size_t index) {
  const auto kind = record.content().kind;
  if (kind != ContentKind::tensor && kind != ContentKind::json) {
    throw BadRecord("the model reads json and tensor records, this one is " + std::string(to_string(kind)));
  }
  auto& rows = kind == ContentKind::tensor ? add_tensor(record) : add_json(record);
  rows.take(index);
  return rows;
}

ModelRows& ModelBatch::add_tensor(const Record& record) {
  if (plan_.inputs.size() != 1) {
    throw BadRecord("the model takes " + counted(plan_.inputs.size(), "input") + ", a tensor record is only one");
  }
  const auto tensor = record.tensor();
  check_tensor(tensor, plan_.inputs.front(), plan_.options);
  auto& rows = fixed_ ? rows_.begin()->second : rows_of({Shape(tensor.shape().begin(), tensor.shape().end())});
  std::copy(tensor.bytes().begin(), tensor.bytes().end(), rows.next(0).begin());
  return rows;
}

ModelRows& ModelBatch::add_json(const Record& record) {
  if (record.size() <= kept_text_bytes_max) {
    read_json(record.text(), json_);
    return fixed_ ? read_fixed(json_) : read_free(json_);
  }
  const auto json = read_json(record.text());
  return fixed_ ? read_fixed(json) : read_free(json);
}

ModelRows& ModelBatch::read_fixed(const JsonDocument& json) {
  auto& rows = rows_.begin()->second;
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
    const auto& input = plan_.inputs[i];
    const auto read = json.read_array(input.field, input.dtype, input.shape, rows.next(i));
    if (!read) throw bad_input(input, read.error().message);
  }
  return rows;
}

/// Where the rows are, only the shapes of all inputs say.
ModelRows& ModelBatch::read_free(const JsonDocument& json) {
  Shapes shapes;
  std::vector<std::vector<std::byte>> bytes;
  for (const auto& input : plan_.inputs) {
    auto array = json.array(input.field, input.dtype, input.shape);
    if (!array) throw bad_input(input, array.error().message);
    shapes.push_back(std::move(array->shape));
    bytes.push_back(std::move(array->bytes));
  }
  auto& rows = rows_of(std::move(shapes));
  for (std::size_t i = 0; i < bytes.size(); ++i) std::copy(bytes[i].begin(), bytes[i].end(), rows.next(i).begin());
  return rows;
}

ModelRows& ModelBatch::rows_of(Shapes shapes) {
  const auto found = rows_.find(shapes);
  return found != rows_.end() ? found->second : rows_.try_emplace(shapes, plan_, shapes).first->second;
}

ModelRows zeros(std::size_t count, const ModelPlan& plan) {
  auto shapes = shapes_of(plan);
  for (auto& shape : shapes) std::replace(shape.begin(), shape.end(), std::int64_t{-1}, std::int64_t{1});
  ModelRows rows(plan, std::move(shapes));
  for (std::size_t record = 0; record < count && !rows.full(); ++record) {
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) std::ranges::fill(rows.next(i), std::byte{0});
    rows.take(record);
  }
  return rows;
}

}  // namespace skep
