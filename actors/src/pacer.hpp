#pragma once
// How many records a bee may take in one slice, so that a slice lasts about limits::slice_time. Pure.

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "skep/actors/limits.hpp"

namespace skep {

class Pacer {
 public:
  [[nodiscard]] std::size_t records() const noexcept { return records_; }

  /// A slice of `records` took this long.
  void measured(std::size_t records, std::chrono::nanoseconds duration) noexcept {
    if (duration > limits::slice_time) {
      const auto fitting =
          static_cast<double>(records) * (limits::slice_time / std::chrono::duration<double>(duration));
      // At most halved: one slice may have been long only because the thread did not run.
      records_ = std::max({std::size_t{1}, records_ / 2, static_cast<std::size_t>(fitting)});
    } else if (records >= records_ && 2 * duration < limits::slice_time) {
      records_ = std::min<std::size_t>(limits::slice_records_max, 2 * records_);
    }
  }

 private:
  std::size_t records_ = 32;  // few at first: the bee may be slow
};

}  // namespace skep
