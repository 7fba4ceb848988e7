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
