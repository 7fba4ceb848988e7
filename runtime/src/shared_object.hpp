#pragma once
// One plug-in file: found, checked, read, or loaded and never closed again.

#include <string>
#include <utility>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep::detail {

/// Errors: `errc::incompatible` with both stamps, if `theirs` is not this program's.
[[nodiscard]] Result<void> compare_abi(const std::string& path, const std::string& theirs);

/// A plug-in's file, open for reading and closed with this unless it is loaded. What was checked is what is read.
class PluginFile {
 public:
  /// `<directory>/<file_name>` of the first directory that has it. Errors: `errc::not_found` with the directories;
  /// `errc::invalid_argument` for a file that others than root and this process's user can write, and half a file.
  [[nodiscard]] static Result<PluginFile> open(const std::string& file_name,
                                               const std::vector<std::string>& directories);
  PluginFile(std::string path, int descriptor) noexcept : path_(std::move(path)), descriptor_(descriptor) {}
  PluginFile(PluginFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  PluginFile& operator=(PluginFile&&) = delete;
  ~PluginFile();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Its SHA-256, in hex. Errors: `errc::invalid_argument` if it is not `expected` (empty: any), `errc::io`.
  [[nodiscard]] Result<std::string> checked_sha256(const std::string& expected) const;
  /// From now on it stays open.
  void keep() noexcept { descriptor_ = -1; }

 private:
  std::string path_;
  int descriptor_;
};

class SharedObject {
 public:
  /// Loads a plug-in's file, and compares its ABI stamp with ours.
  [[nodiscard]] static Result<SharedObject> load(PluginFile file);

  /// Errors: `errc::invalid_argument`, naming the symbol.
  [[nodiscard]] Result<void*> symbol(const char* name) const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  SharedObject(std::string path, void* handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  void* handle_;
};

}  // namespace skep::detail
