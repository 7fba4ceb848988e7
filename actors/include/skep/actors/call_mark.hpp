#pragma once
// What a bee's thread shows of its calls: whether it is inside one, and which. Pure.
//
// A call costs one relaxed store to a line of the bee's own, and no clock: whoever looks now and then sees whether the
// count has moved since, which tells how long a call goes on to within one look. Each record is a call, so that a bee
// that is slow with each of five hundred is not taken for one that does not return.
// Threads: the bee's writes, any reads.

#include <atomic>
#include <cstdint>

namespace skep {

class CallMark {
 public:
  /// The bee is inside calls while this lives.
  class Inside {
   public:
    explicit Inside(CallMark& mark) noexcept : mark_(mark) { mark_.add(1); }
    ~Inside() { mark_.add(1); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    CallMark& mark_;
  };

  /// One call has ended and another begins. Only while an `Inside` lives.
  void next() noexcept { add(2); }
  /// Odd while inside a call; another number in each.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  void add(std::uint64_t more) noexcept { count_.store(count() + more, std::memory_order_relaxed); }

  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace skep
