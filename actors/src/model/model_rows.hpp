#pragma once
// The tensors of one forward, filled a record at a time: one tensor per input, and of each a row per record.

#include <cstddef>
#include <span>
#include <vector>

#include "model/model_options.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {

class ModelRows {
 public:
  /// `shapes`: of one record, one per input, without free dimensions.
  ModelRows(const ModelPlan& plan, std::vector<Shape> shapes);

  /// The next row of an input, to be written. Earlier rows may move.
  [[nodiscard]] std::span<std::byte> next(std::size_t input);
  /// What was written last is that of the record with this index in its batch. Precondition (asserted): not full.
  void take(std::size_t record);
  void clear() noexcept { records_.clear(); }
  /// No records, and memory for so many at once. What there is of it is kept unless it is much.
  void reset(std::size_t expected) noexcept;

  [[nodiscard]] std::span<const std::int64_t> shape(std::size_t input) const noexcept { return inputs_[input].shape; }
  [[nodiscard]] const std::vector<std::size_t>& records() const noexcept { return records_; }
  [[nodiscard]] std::size_t records_max() const noexcept { return records_max_; }
  [[nodiscard]] bool full() const noexcept { return records_.size() == records_max_; }
  /// One per input, `[count, ...shape]`; valid until the next change.
  [[nodiscard]] std::vector<TensorView> views(std::size_t first, std::size_t count) const;

 private:
  struct Input {
    DType dtype;
    Shape shape;
    std::size_t row_bytes;
    Buffer rows;
  };

  std::vector<Input> inputs_;
  std::vector<std::size_t> records_;
  std::size_t expected_ = 0;
  std::size_t records_max_;  ///< what `batch_bytes_max` has room for, and one at least
};

}  // namespace skep
