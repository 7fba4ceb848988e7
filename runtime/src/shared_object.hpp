#pragma once
// One plug-in file: found, checked, loaded, and never closed again.

#include <string>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep::detail {

class SharedObject {
 public:
  /// Loads `<directory>/<file_name>` from the first directory that has it, and compares its ABI stamp with ours.
  [[nodiscard]] static Result<SharedObject> open(const std::string& file_name,
                                                 const std::vector<std::string>& directories);

  /// Errors: `errc::invalid_argument`, naming the symbol.
  [[nodiscard]] Result<void*> symbol(const char* name) const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  SharedObject(std::string path, void* handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  void* handle_;
};

}  // namespace skep::detail
