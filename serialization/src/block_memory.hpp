#pragma once
// Memory for the blocks of records and payloads: a front part, and a 64-aligned part behind it.
//
// Most blocks are made on one thread and released on another, one batch at a time, which is where general allocators
// take locks. Here every thread keeps free blocks by size and exchanges full magazines of them through a depot (Bonwick
// and Adams, 2001): one lock per limits::magazine_blocks. Blocks larger than limits::small_block_bytes_max are
// payloads with a buffer of their own, which go by fewer sizes, in smaller magazines (limits::large_magazine_blocks),
// so that a thread keeps 2 MiB of them at most. Those larger than limits::pooled_block_bytes_max, and what the depot
// has no room for (limits::depot_bytes_max), go to the heap. With AddressSanitizer or ThreadSanitizer all do, so that
// those see every use after release. Threads: any.

#include <cstddef>

#include "skep/serialization/limits.hpp"

namespace skep {

struct BlockMemory {
  void* front;
  std::byte* aligned;
  std::size_t allocated;  ///< in all
};

/// So many bytes up to the next multiple of limits::payload_alignment.
[[nodiscard]] constexpr std::size_t aligned_up(std::size_t bytes) noexcept {
  return (bytes + limits::payload_alignment - 1) & ~(limits::payload_alignment - 1);
}

/// `bytes`, more than none, 64-aligned; released with `release_block`. Throws std::bad_alloc.
[[nodiscard]] void* allocate_bytes(std::size_t bytes);
/// Throws std::bad_alloc.
[[nodiscard]] BlockMemory allocate_block(std::size_t front_bytes, std::size_t aligned_bytes);
/// `allocated` is what `allocate_block` said, or `allocate_bytes` was given.
void release_block(void* front, std::size_t allocated) noexcept;
/// Bytes of free blocks in the depot, over all sizes.
[[nodiscard]] std::size_t depot_bytes();

}  // namespace skep
