#pragma once
// Counts the handles of a block that threads share.
//
// The block is born with one handle. `drop` says when the last one went; everything done through any handle
// happens before that. A sole owner pays no locked instruction, nor does a thread that is known to have all handles.

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

  /// `add`, for a caller that shares no handle object with another thread: if there is one handle, it is the caller's.
  void add_unshared() noexcept {
    if (count_.load(std::memory_order_acquire) == 1) return count_.store(2, std::memory_order_relaxed);
    add();
  }

  /// `drop`, for a caller that keeps a second handle and shares neither object with another thread.
  void drop_unshared() noexcept {
    if (count_.load(std::memory_order_acquire) == 2) return count_.store(1, std::memory_order_relaxed);
    count_.fetch_sub(1, std::memory_order_acq_rel);
  }

 private:
  std::atomic<std::uint32_t> count_{1};
};

}  // namespace skep
