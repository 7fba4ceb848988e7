#pragma once
// Writes files that must be whole and, where they hold keys, of nobody else: beside their place, then moved there.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep {

enum class Existing : std::uint8_t { keep, replace };
enum class Secrecy : std::uint8_t {
  open,    ///< mode 0644
  secret,  ///< mode 0600, from its first byte on
};

/// A file on the disk beside its place, where nobody looks for it; gone with this unless it was put there. It is locked
/// (flock) while this lives: one that is not was left by a process that was killed.
class FileDraft {
 public:
  /// Errors: `errc::io`, `errc::not_found`.
  [[nodiscard]] static Result<FileDraft> write(const std::string& path, const std::string& text, Secrecy secrecy);

  FileDraft(FileDraft&& other) noexcept;
  FileDraft& operator=(FileDraft&& other) noexcept;
  ~FileDraft();

  /// Moves it to its place. Once; of several files that belong together, write all before the first is put.
  /// Errors: `errc::invalid_argument` where something is and is to be kept; `errc::io`.
  [[nodiscard]] Result<void> put(Existing existing);

 private:
  FileDraft(std::string path, std::string draft, int descriptor)
      : path_(std::move(path)), draft_(std::move(draft)), descriptor_(descriptor) {}

  std::string path_;
  std::string draft_;  ///< empty: it is gone
  int descriptor_;     ///< holds the lock
};

/// Both in one: whole and on the disk, or not at all, so that nobody ever reads a half of it.
[[nodiscard]] Result<void> write_whole_file(const std::string& path, const std::string& text, Secrecy secrecy,
                                            Existing existing);

/// Removes from `folder` the drafts that killed processes of this user have left, which may hold keys, and nothing
/// else: files of the names that drafts get, and of no process that lives. Returns their paths.
[[nodiscard]] std::vector<std::string> remove_stale_drafts(const std::string& folder);

}  // namespace skep
