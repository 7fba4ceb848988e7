#pragma once
// Counts the handles of a block that threads share.
//
// The block is born with one handle. `drop` says when the last one went; everything done through any handle
// happens before that. A sole owner pays no locked instruction.

#include <atomic>
#include <cstdint>

namespace skep {

class ReferenceCount {
 public:
  void add() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }

  /// True for the last handle: the caller destroys the block.
  [[nodiscard]] bool drop() noexcept {
    return count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

 private:
  std::atomic<std::uint32_t> count_{1};
};

}  // namespace skep
