#pragma once
// How long a bee takes for a record, and how many it may take in one slice, so that a slice lasts about
// limits::slice_time. Pure.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "skep/actors/limits.hpp"

namespace skep {

class Pacer {
 public:
  [[nodiscard]] std::size_t records() const noexcept { return records_; }
  /// See BatchAck::pace.
  [[nodiscard]] std::uint32_t pace() const noexcept { return pace_; }

  /// A slice of `records` took this long.
  void measured(std::size_t records, std::chrono::nanoseconds duration) noexcept {
    smooth(duration / static_cast<std::int64_t>(records));
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
  /// As TCP smooths its round trips: an eighth of what is new (RFC 6298).
  void smooth(std::chrono::nanoseconds per_record) noexcept {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    const auto now = std::clamp<std::int64_t>(per_record.count(), 1, most);
    const std::int64_t before = pace_;
    pace_ = static_cast<std::uint32_t>(before == 0 ? now : std::max<std::int64_t>(1, (7 * before + now) / 8));
  }

  std::uint32_t pace_ = 0;
  std::size_t records_ = 32;  // few at first: the bee may be slow
};

}  // namespace skep
