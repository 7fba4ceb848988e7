#pragma once
// How much memory this process uses, and how much it may: what the kernel says, as numbers.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace skep::detail {

/// Resident bytes, of the text of /proc/self/statm.
[[nodiscard]] std::optional<std::size_t> resident_bytes(std::string_view statm, std::size_t page_bytes);

/// The least of what the process's cgroups (both versions, with all that are above them) and the machine allow; 0 if
/// nothing says so. `root` comes before /proc and /sys, for tests.
[[nodiscard]] std::size_t memory_allowed(const std::string& root = {});

/// What a process is to use at most: as set, else what it may, in whole mebibytes for whoever reads it. 0: no budget.
[[nodiscard]] std::size_t memory_budget(std::optional<std::size_t> set);

/// What a heap is to keep of what was set (`heap_free_max`): in a small budget less, so that some heaps full of freed
/// memory are not taken for a node that runs out of it. `budget`: 0 is none.
[[nodiscard]] std::size_t freed_memory_kept(std::size_t set, std::size_t budget) noexcept;

/// From now on each of the allocator's heaps (about one a busy thread) keeps so many bytes at its end that were freed,
/// and blocks of up to 32 MiB come out of heaps, where those above 128 KiB are mapped one by one otherwise. Frames,
/// payloads and tensors come and go thousands of times a second, and a page that was given back to the system costs a
/// fault when it is wanted again (decision 0018). glibc itself gets to 32 MiB once such a block was freed (mallopt(3),
/// M_MMAP_THRESHOLD). 0: nothing changes. Of the whole process; other allocators, as sanitizers have, stay as they are.
void keep_freed_memory(std::size_t bytes) noexcept;

/// What was freed and is kept goes back to the system, wherever in a heap it lies: after work that is not done again
/// soon. Milliseconds for each 100 MB.
void give_back_freed_memory() noexcept;

/// Reads the resident bytes of this process again and again: a read of an open file, some microseconds.
class ResidentMemory {
 public:
  ResidentMemory() noexcept;
  ~ResidentMemory();
  ResidentMemory(const ResidentMemory&) = delete;
  ResidentMemory& operator=(const ResidentMemory&) = delete;

  [[nodiscard]] std::optional<std::size_t> read() const;  ///< nothing where there is no /proc

 private:
  int file_;
};

}  // namespace skep::detail
