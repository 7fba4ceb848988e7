#include "model/model_rows.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace skep {
namespace {

constexpr std::size_t kept_bytes_max = 4u << 20;  ///< of one input

}  // namespace

ModelRows::ModelRows(const ModelPlan& plan, std::vector<Shape> shapes) {
  assert(shapes.size() == plan.inputs.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto dtype = plan.inputs[i].dtype;
    const auto elements = element_count(shapes[i]);
    assert(elements);
    bytes += *elements * size_of(dtype);
    inputs_.push_back({dtype, std::move(shapes[i]), *elements * size_of(dtype), {}});
  }
  records_max_ = std::max<std::size_t>(plan.options.batch_bytes_max.bytes / std::max<std::size_t>(bytes, 1), 1);
}

std::span<std::byte> ModelRows::next(std::size_t input) {
  auto& [dtype, shape, row_bytes, rows] = inputs_[input];
  const auto used = records_.size() * row_bytes;
  if (!rows || rows.bytes().size() < used + row_bytes) {
    const auto count = std::clamp<std::size_t>(std::max(expected_, 2 * records_.size()), 1, records_max_);
    auto more = Buffer::allocate(count * row_bytes);
    if (used != 0) std::memcpy(more.writable().data(), rows.bytes().data(), used);
    rows = std::move(more);
  }
  return rows.writable().subspan(used, row_bytes);
}

void ModelRows::take(std::size_t record) {
  assert(!full());
  records_.push_back(record);
}

void ModelRows::reset(std::size_t expected) noexcept {
  records_.clear();
  expected_ = expected;
  for (auto& input : inputs_) {
    if (input.rows.bytes().size() > kept_bytes_max) input.rows = {};
  }
}

std::vector<TensorView> ModelRows::views(std::size_t first, std::size_t count) const {
  std::vector<TensorView> views;
  views.reserve(inputs_.size());
  for (const auto& [dtype, shape, row_bytes, rows] : inputs_) {
    Shape batch = {static_cast<std::int64_t>(count)};
    batch.insert(batch.end(), shape.begin(), shape.end());
    views.emplace_back(dtype, batch, rows.bytes().subspan(first * row_bytes, count * row_bytes));
  }
  return views;
}

}  // namespace skep
