#pragma once
// Files that must be whole and, where they hold keys, of nobody else: written beside their place, then moved there.

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "skep/serialization/result.hpp"

namespace skep {

enum class Existing : std::uint8_t { keep, replace };
enum class Secrecy : std::uint8_t {
  open,    ///< mode 0644
  secret,  ///< mode 0600, from its first byte on
};

/// Whole and on the disk, or not at all: nobody ever reads a half of it.
/// Errors: `errc::invalid_argument` where something is and is to be kept; `errc::io`.
[[nodiscard]] Result<void> write_whole_file(const std::string& path, const std::string& text, Secrecy secrecy,
                                            Existing existing);

/// Errors: as `read_text_file`; `errc::io` for one that its group or others can reach, with the command that helps.
[[nodiscard]] Result<std::string> read_private_file(const std::string& path);

/// Held by one process at a time, until it goes (flock).
class FolderLock {
 public:
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

  /// Waits for who holds it: those are done in milliseconds.
  [[nodiscard]] static Result<FolderLock> take(const std::string& folder);

 private:
  int descriptor_ = -1;
};

}  // namespace skep
