#include "skep/serialization/tensor.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "skep/schema/tensor.capnp.h"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/typed.hpp"
#include "tensor_layout.hpp"

namespace skep {
namespace {

struct DTypeRow {
  std::string_view name;
  std::uint8_t size;
};

constexpr std::array<DTypeRow, 13> dtypes = {{{"bool", 1},
                                              {"u8", 1},
                                              {"i8", 1},
                                              {"u16", 2},
                                              {"i16", 2},
                                              {"u32", 4},
                                              {"i32", 4},
                                              {"u64", 8},
                                              {"i64", 8},
                                              {"f16", 2},
                                              {"bf16", 2},
                                              {"f32", 4},
                                              {"f64", 8}}};

const DTypeRow& row(DType dtype) noexcept {
  assert(static_cast<std::size_t>(dtype) < dtypes.size());
  return dtypes[static_cast<std::size_t>(dtype)];
}

bool fits(DType dtype, std::span<const std::int64_t> shape, std::size_t bytes) noexcept {
  const auto count = element_count(shape);
  return count && *count <= SIZE_MAX / 8 && *count * size_of(dtype) == bytes;
}

/// Whether loops over the dimensions end, even if a zero among them makes the tensor empty.
bool is_bounded(std::span<const std::int64_t> shape) noexcept {
  std::size_t steps = 1;
  for (const auto dimension : shape) {
    const auto factor = static_cast<std::size_t>(std::max<std::int64_t>(dimension, 1));
    if (__builtin_mul_overflow(steps, factor, &steps) || steps > limits::payload_bytes_max) return false;
  }
  return true;
}

/// `list` is of lengths, without a sign.
template <class List>
std::size_t read_shape(const List& list, std::span<std::int64_t> out) {
  if (list.size() > limits::tensor_rank_max) {
    throw BadRecord(over_limit("the tensor", list.size(), "tensor_rank_max", limits::tensor_rank_max, "dimensions"));
  }
  for (unsigned i = 0; i < list.size(); ++i) {
    if (list[i] > INT64_MAX) throw BadRecord("dimension " + std::to_string(i) + " of the tensor is out of range");
    out[i] = static_cast<std::int64_t>(list[i]);
  }
  return list.size();
}

template <class List>
TensorView view_of(std::uint16_t number, const List& lengths, std::span<const std::byte> data, const Record& keep) {
  if (number >= dtypes.size()) throw BadRecord("the tensor has the unknown dtype " + std::to_string(number));
  const auto dtype = static_cast<DType>(number);
  std::array<std::int64_t, limits::tensor_rank_max> dimensions;
  const std::span<const std::int64_t> shape(dimensions.data(), read_shape(lengths, dimensions));
  if (!is_bounded(shape) || !fits(dtype, shape, data.size())) {
    throw BadRecord("the tensor has " + counted(data.size(), "byte") + ", which do not make " + to_string(shape) +
                    " of " + std::string(to_string(dtype)));
  }
  return {dtype, shape, data, keep};
}

TensorView read_tensor(wire::Tensor::Reader reader, const Record& keep) {
  const auto shape = reader.getShape();
  const auto data = reader.getData();
  return view_of(static_cast<std::uint16_t>(reader.getDtype()), shape,
                 std::as_bytes(std::span(data.begin(), data.size())), keep);
}

}  // namespace

std::size_t size_of(DType dtype) noexcept {
  return row(dtype).size;
}

std::string_view to_string(DType dtype) noexcept {
  return row(dtype).name;
}

std::optional<DType> dtype_from(std::string_view name) noexcept {
  const auto* found = std::find_if(dtypes.begin(), dtypes.end(), [&](const auto& each) { return each.name == name; });
  if (found == dtypes.end()) return std::nullopt;
  return static_cast<DType>(found - dtypes.begin());
}

std::optional<std::size_t> element_count(std::span<const std::int64_t> shape) noexcept {
  std::size_t count = 1;
  for (const auto dimension : shape) {
    if (dimension < 0 || __builtin_mul_overflow(count, static_cast<std::size_t>(dimension), &count)) return {};
  }
  return count;
}

std::string to_string(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto dimension : shape) {
    if (text.size() > 1) text.append(", ");
    text.append(std::to_string(dimension));
  }
  return text.append("]");
}

TensorView::TensorView(DType dtype, std::span<const std::int64_t> shape, std::span<const std::byte> bytes, Record keep)
    : dtype_(dtype), rank_(static_cast<std::uint8_t>(shape.size())), bytes_(bytes), keep_(std::move(keep)) {
  assert(shape.size() <= limits::tensor_rank_max);
  assert(fits(dtype, shape, bytes.size()));
  std::copy(shape.begin(), shape.end(), shape_.begin());
}

void TensorView::require(DType dtype, std::size_t alignment) const {
  if (dtype != dtype_) {
    throw BadRecord("the tensor holds " + std::string(to_string(dtype_)) + ", not " + std::string(to_string(dtype)));
  }
  if (reinterpret_cast<std::uintptr_t>(bytes_.data()) % alignment != 0) {
    throw BadRecord("the tensor is misaligned for " + std::string(to_string(dtype)) + ": copy its bytes");
  }
  // A bool that is neither 0 nor 1 is undefined behaviour for whoever reads it.
  const auto is_bool = [](std::byte byte) { return byte <= std::byte{1}; };
  if (dtype == DType::boolean && !std::all_of(bytes_.begin(), bytes_.end(), is_bool)) {
    throw BadRecord("the tensor of bool holds a byte that is neither 0 nor 1");
  }
}

TensorView Record::tensor() const {
  const bool is_one = content().kind == ContentKind::tensor || holds(*this, capnp::typeId<wire::Tensor>());
  if (!is_one) refuse_type(*this, capnp::_::rawSchema<wire::Tensor>());
  if (const auto laid_out = read_layout(bytes()))
    return view_of(laid_out->dtype, laid_out->shape, laid_out->data, *this);
  OpenMessage message(*this);
  return message.read([&] { return read_tensor(message.root<wire::Tensor>(), message.record()); });
}

}  // namespace skep
