#pragma once
// Keeps others from changing a folder meanwhile.

#include <string>

#include "skep/serialization/result.hpp"

namespace skep {

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
