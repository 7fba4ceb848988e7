#pragma once
// One allocation with a front part and a 64-aligned part. Not aligned `operator new`: glibc's bypasses the
// thread cache, which costs more than the few bytes of slack.

#include <cstddef>
#include <cstdint>
#include <new>

#include "skep/serialization/limits.hpp"

namespace skep {

struct AlignedMemory {
  void* front;  ///< what `operator delete` takes
  std::byte* aligned;
  std::size_t allocated;  ///< in all
};

/// Throws std::bad_alloc.
inline AlignedMemory allocate_aligned(std::size_t front_bytes, std::size_t aligned_bytes) {
  constexpr std::size_t mask = limits::payload_alignment - 1;
  const std::size_t slack = aligned_bytes == 0 ? 0 : mask;
  std::size_t total = 0;
  if (__builtin_add_overflow(front_bytes + slack, aligned_bytes, &total)) throw std::bad_alloc();
  auto* front = static_cast<std::byte*>(::operator new(total));
  const auto end = reinterpret_cast<std::uintptr_t>(front) + front_bytes;
  return {front, front + front_bytes + (slack & (0 - end)), total};
}

}  // namespace skep
