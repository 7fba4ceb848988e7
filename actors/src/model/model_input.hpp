#pragma once
// From records to the tensors of a forward. What is wrong with a record is said before a model sees any of it. Pure.
//
// A record is read straight into its row. Lifetime: the plan's outlives it.

#include <cstddef>
#include <map>
#include <vector>

#include "model/model_options.hpp"
#include "model/model_rows.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// The records of one batch, those of equal shapes together.
class ModelBatch {
 public:
  explicit ModelBatch(const ModelPlan& plan);

  /// No records, and so many soon.
  void reset(std::size_t expected) noexcept;
  /// Reads the record with this index in its batch. Returns the rows that have it now. Throws BadRecord with the
  /// input's name and what is wrong with it.
  ModelRows& add(const Record& record, std::size_t index);
  /// Calls `visit(rows)` for all that have records, in the order of their shapes.
  template <class Visit>
  void each(Visit&& visit) {
    for (auto& [shapes, rows] : rows_) {
      if (!rows.records().empty()) visit(rows);
    }
  }

 private:
  using Shapes = std::vector<Shape>;

  ModelRows& add_tensor(const Record& record);
  ModelRows& add_json(const Record& record);
  ModelRows& read_fixed(const JsonDocument& json);
  ModelRows& read_free(const JsonDocument& json);
  ModelRows& rows_of(Shapes shapes);

  const ModelPlan& plan_;
  bool fixed_;                        ///< no dimension is free: all rows are of the same shapes
  std::map<Shapes, ModelRows> rows_;  ///< by the shapes of one record
  JsonDocument json_;
};

/// Rows of zeros, free dimensions 1: what a warm-up runs.
[[nodiscard]] ModelRows zeros(std::size_t count, const ModelPlan& plan);

}  // namespace skep
