#pragma once
// How long a bee's slices take, on average.
//
// An exponentially weighted mean of some 256 slices, so that a bee whose slices are short but for one in a hundred, of
// 5 ms, never passes for a brief one. Threads: any. CAF lets the next thread run an actor before the last one has left
// `resume`, so two may add at once; one of them may be lost then.

#include <atomic>
#include <chrono>

namespace skep {

class SliceMean {
 public:
  using Duration = std::chrono::duration<float, std::nano>;

  /// Begins at `first`, as if all slices before had taken so long.
  explicit SliceMean(Duration first) noexcept : mean_(first) {}

  void add(std::chrono::nanoseconds slice) noexcept {
    constexpr float weight = 1.0f / 256;
    const auto before = get();
    mean_.store(before + (Duration(slice) - before) * weight, std::memory_order_relaxed);
  }
  [[nodiscard]] Duration get() const noexcept { return mean_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Duration> mean_;
};

}  // namespace skep
