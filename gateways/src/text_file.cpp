#include "text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

namespace skep {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error system_error(int number) {
  return {number == ENOENT ? errc::not_found : errc::io, std::string("cannot be read: ") + std::strerror(number)};
}

/// What it is instead of a file; nothing for a file. A device may be read: it ends, or is too large.
std::string_view other_kind(const struct stat& status) {
  if (S_ISFIFO(status.st_mode)) return "a pipe";
  if (S_ISDIR(status.st_mode)) return "a folder";
  return S_ISSOCK(status.st_mode) ? "a socket" : "";
}

/// Opening a pipe would wait for somebody who writes it, were it not for O_NONBLOCK.
Result<File> open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return system_error(errno);
  struct stat status {};
  File file(::fdopen(descriptor, "r"));
  if (!file) {
    ::close(descriptor);
    return system_error(errno);
  }
  if (::fstat(descriptor, &status) != 0) return system_error(errno);
  if (const auto kind = other_kind(status); !kind.empty()) {
    return Error{errc::io, "cannot be read: it is " + std::string(kind) + ", not a file"};
  }
  ::fcntl(descriptor, F_SETFL, 0);  // a terminal is waited for
  return file;
}

Result<std::string> read_all(std::FILE* file, std::size_t bytes_max) {
  std::string text(bytes_max + 1, '\0');  // one more than allowed: endless devices and growing files end here too
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (std::ferror(file) != 0) return system_error(errno);
  if (text.size() > bytes_max) {
    return Error{errc::too_large, "is over " + std::to_string(bytes_max) + " bytes, the limit for such a file"};
  }
  return text;
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
  const auto file = open_file(path);
  return file ? read_all(file->get(), bytes_max) : file.error();
}

Result<std::string> read_secret_file(const std::string& path, std::size_t bytes_max, const std::string& what) {
  const auto file = open_file(path);
  if (!file) return file.error();
  struct stat status {};
  if (::fstat(::fileno(file->get()), &status) != 0) return system_error(errno);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{errc::io, "holds " + what + ", and others than its owner can reach it: chmod 600 '" + path + "'"};
  }
  return read_all(file->get(), bytes_max);
}

}  // namespace skep
