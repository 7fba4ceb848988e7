#include "text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace skep {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error system_error(int number) {
  return {number == ENOENT ? errc::not_found : errc::io, std::string("cannot be read: ") + std::strerror(number)};
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
  const File file(std::fopen(path.c_str(), "re"));
  if (!file) return system_error(errno);
  std::string text(bytes_max + 1, '\0');  // one more than allowed: endless devices and growing files end here too
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return system_error(errno);
  if (text.size() > bytes_max) {
    return Error{errc::too_large, "is over " + std::to_string(bytes_max) + " bytes, the limit for such a file"};
  }
  return text;
}

}  // namespace skep
