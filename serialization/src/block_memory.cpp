#include "block_memory.hpp"

#include <array>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "skep/serialization/limits.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKEP_POOLS_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SKEP_POOLS_BLOCKS 0
#endif
#endif
#ifndef SKEP_POOLS_BLOCKS
#define SKEP_POOLS_BLOCKS 1
#endif

namespace skep {
namespace {

constexpr std::size_t size_step = 2 * limits::payload_alignment;
constexpr std::size_t size_count = limits::pooled_block_bytes_max / size_step;
constexpr bool pools_blocks = SKEP_POOLS_BLOCKS != 0;

/// Which free list a block of `bytes` belongs to; size_count or more: none.
constexpr std::size_t size_index(std::size_t bytes) noexcept {
  return (bytes - 1) / size_step;
}

constexpr std::size_t size_of(std::size_t index) noexcept {
  return (index + 1) * size_step;
}

struct FreeBlock {
  FreeBlock* next;
};

void* allocate_from_heap(std::size_t bytes) {
  return ::operator new(bytes, std::align_val_t(limits::payload_alignment));
}

void release_to_heap(void* block) noexcept {
  ::operator delete(block, std::align_val_t(limits::payload_alignment));
}

/// Free blocks of one size, of one thread at a time.
struct Magazine {
  FreeBlock* top = nullptr;
  std::size_t count = 0;

  void push(void* block) noexcept {
    top = new (block) FreeBlock{top};
    ++count;
  }
  [[nodiscard]] void* pop() noexcept {
    --count;
    auto* block = std::exchange(top, top->next);
    __builtin_prefetch(top, 1);  // released by another thread, mostly: not in this core's cache
    return block;
  }
  void release_all() noexcept {
    while (count != 0) release_to_heap(pop());
  }
};

/// Magazines that no thread has.
class Depot {
 public:
  /// Full ones in, and full ones out. One without room goes to the heap.
  void put(std::size_t index, Magazine full) noexcept {
    const auto bytes = full.count * size_of(index);
    {
      const std::lock_guard lock(mutex_);
      if (bytes_ + bytes <= limits::depot_bytes_max && store(index, full)) {
        bytes_ += bytes;
        return;
      }
    }
    full.release_all();
  }

  [[nodiscard]] Magazine take(std::size_t index) noexcept {
    const std::lock_guard lock(mutex_);
    auto& magazines = magazines_[index];
    if (magazines.empty()) return {};
    const auto full = magazines.back();
    magazines.pop_back();
    bytes_ -= full.count * size_of(index);
    return full;
  }

  [[nodiscard]] std::size_t bytes() noexcept {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  bool store(std::size_t index, const Magazine& full) noexcept {
    try {
      magazines_[index].push_back(full);
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  std::mutex mutex_;
  std::array<std::vector<Magazine>, size_count> magazines_;
  std::size_t bytes_ = 0;
};

/// Never destroyed: threads release blocks until the very end of the process.
Depot& depot() noexcept {
  static auto& depot = *new Depot;
  return depot;
}

/// The thread's cache is gone: what destructors that run later release goes to the heap.
[[gnu::tls_model("initial-exec")]] constinit thread_local bool cache_ended = false;

/// What one thread keeps: a magazine in use, and a full or empty one behind it, so that a thread that takes and gives
/// in turn does not go to the depot each time.
class ThreadCache {
 public:
  constexpr ThreadCache() = default;
  ThreadCache(const ThreadCache&) = delete;
  ThreadCache& operator=(const ThreadCache&) = delete;
  ~ThreadCache() {
    for (std::size_t index = 0; index < size_count; ++index) {
      for (auto* magazine : {&slots_[index].current, &slots_[index].spare}) {
        if (magazine->count != 0) depot().put(index, std::exchange(*magazine, {}));
      }
    }
    cache_ended = true;
  }

  [[nodiscard]] void* take(std::size_t index) {
    auto& slot = slots_[index];
    if (slot.current.count == 0 && !refill(slot, index)) return allocate_from_heap(size_of(index));
    return slot.current.pop();
  }

  void give(void* block, std::size_t index) noexcept {
    auto& slot = slots_[index];
    slot.current.push(block);
    if (slot.current.count < limits::magazine_blocks) return;
    if (slot.spare.count != 0) depot().put(index, slot.spare);
    slot.spare = std::exchange(slot.current, {});
  }

 private:
  struct Slot {
    Magazine current, spare;
  };

  [[nodiscard]] static bool refill(Slot& slot, std::size_t index) noexcept {
    slot.current = slot.spare.count != 0 ? std::exchange(slot.spare, {}) : depot().take(index);
    return slot.current.count != 0;
  }

  std::array<Slot, size_count> slots_{};
};

/// The library is loaded with the program, so the address may be fixed then: no call to find it per block.
[[gnu::tls_model("initial-exec")]] constinit thread_local ThreadCache cache;

}  // namespace

BlockMemory allocate_block(std::size_t front_bytes, std::size_t aligned_bytes) {
  constexpr std::size_t mask = limits::payload_alignment - 1;
  std::size_t total = 0;
  const auto front = aligned_bytes == 0 ? front_bytes : (front_bytes + mask) & ~mask;
  if (__builtin_add_overflow(front, aligned_bytes, &total)) throw std::bad_alloc();
  const auto index = size_index(total);
  const bool pooled = pools_blocks && index < size_count && !cache_ended;
  auto* memory = static_cast<std::byte*>(pooled ? cache.take(index) : allocate_from_heap(total));
  return {memory, memory + front, total};
}

void release_block(void* front, std::size_t allocated) noexcept {
  const auto index = size_index(allocated);
  if (pools_blocks && index < size_count && !cache_ended) return cache.give(front, index);
  release_to_heap(front);
}

std::size_t depot_bytes() {
  return depot().bytes();
}

}  // namespace skep
