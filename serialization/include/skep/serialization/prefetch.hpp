#pragma once
// Fetches a cache line that is about to be written, so that it comes once, and comes owned.

namespace skep {

/// A hint: any address will do. Without it a line that another core has written is first fetched to read, and then
/// taken from that core by the write, which is a second trip. Compilers use PREFETCHW only if told that the processor
/// has it: AMD's have since 3DNow!, Intel's since Broadwell, and 64-bit ones since Nehalem pass over it.
inline void prefetch_to_write(const void* address) noexcept {
#if defined(__x86_64__)
  asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1);
#endif
}

}  // namespace skep
