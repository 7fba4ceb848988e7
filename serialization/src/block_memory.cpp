#include "block_memory.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "skep/serialization/limits.hpp"
#include "skep/serialization/prefetch.hpp"

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

// The sizes of blocks: multiples of a small step, then of a large one.
constexpr std::size_t small_step = limits::payload_alignment;
constexpr std::size_t small_bytes_max = limits::small_block_bytes_max;
constexpr std::size_t small_count = small_bytes_max / small_step;
constexpr std::size_t large_step = 512;
constexpr std::size_t size_count = small_count + (limits::pooled_block_bytes_max - small_bytes_max) / large_step;
constexpr std::size_t cache_line = 64;
constexpr bool pools_blocks = SKEP_POOLS_BLOCKS != 0;

/// Which free list a block of `bytes` belongs to; size_count or more: none.
constexpr std::size_t size_index(std::size_t bytes) noexcept {
  if (bytes <= small_bytes_max) [[likely]]
    return (bytes - 1) / small_step;
  return small_count + (bytes - small_bytes_max - 1) / large_step;
}

constexpr std::size_t size_of(std::size_t index) noexcept {
  if (index < small_count) return (index + 1) * small_step;
  return small_bytes_max + (index - small_count + 1) * large_step;
}

void* allocate_from_heap(std::size_t bytes) {
  return ::operator new(bytes, std::align_val_t(limits::payload_alignment));
}

void release_to_heap(void* block) noexcept {
  ::operator delete(block, std::align_val_t(limits::payload_alignment));
}

/// Free blocks of one size, of one thread at a time.
class Magazine {
 public:
  /// For blocks of this size.
  explicit Magazine(std::size_t index)
      : room_(index < small_count ? limits::magazine_blocks : limits::large_magazine_blocks) {}

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] bool full() const noexcept { return count_ == room_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  void push(void* block) noexcept {
    assert(!full());
    blocks_[count_++] = block;
  }
  /// `bytes`: the size of the blocks. Another thread has released them, mostly, and has them in its cache.
  [[nodiscard]] void* pop(std::size_t bytes) noexcept {
    assert(!empty());
    --count_;
    if (count_ >= fetched_ahead) fetch(blocks_[count_ - fetched_ahead], bytes);
    return blocks_[count_];
  }
  void release_all() noexcept {
    while (count_ != 0) release_to_heap(blocks_[--count_]);
  }

 private:
  static constexpr std::size_t fetched_ahead = 4;

  /// Of a large one its beginning; the processor sees how it goes on.
  static void fetch(const void* block, std::size_t bytes) noexcept {
    auto* begin = static_cast<const std::byte*>(block);
    const auto* const end = begin + std::min(bytes, small_bytes_max);
    do prefetch_to_write(begin);
    while ((begin += cache_line) != end);
  }

  std::array<void*, limits::magazine_blocks> blocks_{};  // of which the first count_ are free blocks
  std::size_t count_ = 0;
  std::size_t room_;  // for so many
};

using MagazinePtr = std::unique_ptr<Magazine>;

/// Magazines that no thread has. What is done under its lock takes the same time whatever they hold.
class Depot {
 public:
  /// One without room goes to the heap.
  void put(std::size_t index, MagazinePtr magazine) noexcept {
    const auto bytes = magazine->count() * size_of(index);
    {
      const std::lock_guard lock(mutex_);
      if (bytes_ + bytes <= limits::depot_bytes_max && store(index, magazine)) {
        bytes_ += bytes;
        return;
      }
    }
    magazine->release_all();
  }

  /// Null if there is none.
  [[nodiscard]] MagazinePtr take(std::size_t index) noexcept {
    const std::lock_guard lock(mutex_);
    auto& magazines = magazines_[index];
    if (magazines.empty()) return nullptr;
    auto magazine = std::move(magazines.back());
    magazines.pop_back();
    const auto bytes = magazine->count() * size_of(index);
    assert(bytes <= bytes_);
    bytes_ -= bytes;
    return magazine;
  }

  [[nodiscard]] std::size_t bytes() noexcept {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  bool store(std::size_t index, MagazinePtr& magazine) noexcept {
    try {
      magazines_[index].push_back(std::move(magazine));
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  std::mutex mutex_;
  std::array<std::vector<MagazinePtr>, size_count> magazines_;
  std::size_t bytes_ = 0;
};

/// Never destroyed: threads release blocks until the very end of the process.
Depot& depot() noexcept {
  static auto& depot = *new Depot;
  return depot;
}

/// What one thread keeps of one size: a magazine in use, and a full or empty one behind it, so that a thread that takes
/// and gives in turn does not go to the depot each time. Owned; null before the first block is given, and at the end.
struct Slot {
  Magazine* current = nullptr;
  Magazine* spare = nullptr;
};

// The library is loaded with the program, so their addresses may be fixed then: no call to find them per block. They
// are trivial, so that no check stands before each use; LastThings empties them.
[[gnu::tls_model("initial-exec")]] constinit thread_local std::array<Slot, size_count> cache{};
[[gnu::tls_model("initial-exec")]] constinit thread_local bool ended = false;  ///< all goes to the heap from then on

/// Of a thread: the depot gets what it has.
class LastThings {
 public:
  constexpr LastThings() = default;
  LastThings(const LastThings&) = delete;
  LastThings& operator=(const LastThings&) = delete;
  ~LastThings() {
    ended = true;
    for (std::size_t index = 0; index < size_count; ++index) {
      for (auto** kept : {&cache[index].current, &cache[index].spare}) {
        MagazinePtr magazine(std::exchange(*kept, nullptr));
        if (magazine && !magazine->empty()) depot().put(index, std::move(magazine));
      }
    }
  }
  void stand_by() noexcept {}
};

thread_local LastThings last_things;

/// The sizes that are pooled, while the thread lives.
bool pools(std::size_t index) noexcept {
  if (!pools_blocks || index >= size_count || ended) return false;
  last_things.stand_by();
  return true;
}

[[gnu::noinline]] void* take_slowly(std::size_t index, std::size_t bytes) {
  if (!pools(index)) return allocate_from_heap(index < size_count ? size_of(index) : bytes);
  auto& [current, spare] = cache[index];
  if (spare != nullptr && !spare->empty()) {
    std::swap(current, spare);
  } else if (auto full = depot().take(index)) {
    delete std::exchange(current, full.release());
  } else {
    return allocate_from_heap(size_of(index));
  }
  return current->pop(size_of(index));
}

/// Returns false if there is no memory for one.
bool make_room(Slot& slot, std::size_t index) noexcept {
  if (slot.spare != nullptr && slot.spare->empty()) {
    std::swap(slot.current, slot.spare);
    return true;
  }
  auto* empty = new (std::nothrow) Magazine(index);
  if (empty == nullptr) return false;
  if (slot.spare != nullptr) depot().put(index, MagazinePtr(slot.spare));
  slot.spare = std::exchange(slot.current, empty);
  return true;
}

[[gnu::noinline]] void give_slowly(void* block, std::size_t index) noexcept {
  if (!pools(index) || !make_room(cache[index], index)) return release_to_heap(block);
  cache[index].current->push(block);
}

}  // namespace

void* allocate_bytes(std::size_t bytes) {
  const auto index = size_index(bytes);
  auto* magazine = index < size_count ? cache[index].current : nullptr;
  const bool at_hand = magazine != nullptr && !magazine->empty();
  return at_hand ? magazine->pop(size_of(index)) : take_slowly(index, bytes);
}

BlockMemory allocate_block(std::size_t front_bytes, std::size_t aligned_bytes) {
  std::size_t total = 0;
  const auto front = aligned_bytes == 0 ? front_bytes : aligned_up(front_bytes);
  if (__builtin_add_overflow(front, aligned_bytes, &total)) throw std::bad_alloc();
  auto* memory = static_cast<std::byte*>(allocate_bytes(total));
  return {memory, memory + front, total};
}

void release_block(void* front, std::size_t allocated) noexcept {
  const auto index = size_index(allocated);
  auto* magazine = index < size_count ? cache[index].current : nullptr;
  const bool room = magazine != nullptr && !magazine->full();
  return room ? magazine->push(front) : give_slowly(front, index);
}

std::size_t depot_bytes() {
  return depot().bytes();
}

}  // namespace skep
