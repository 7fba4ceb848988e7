#include "model/model_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "skep/actors/option.hpp"
#include "skep/actors/sha256.hpp"

namespace skep {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::string named(const std::string& path) {
  return "model '" + path + "': ";
}

Error system_error(const std::string& path) {
  const int number = errno;
  return {number == ENOENT ? errc::not_found : errc::io, named(path) + std::strerror(number)};
}

/// Who else could change the file, or an empty string.
std::string untrusted_writer(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) return "it belongs to another user";
  if ((status.st_mode & S_IWGRP) != 0) return "its group can write it";
  if ((status.st_mode & S_IWOTH) != 0) return "everyone can write it";
  return {};
}

Result<void> check_status(const struct stat& status, const ModelFileRules& rules) {
  if (!S_ISREG(status.st_mode)) return Error{errc::invalid_argument, named(rules.path) + "not a regular file"};
  if (const auto writer = untrusted_writer(status); !writer.empty()) {
    return Error{errc::invalid_argument,
                 named(rules.path) + writer + ", and a model is code; allow only yourself to write it (chmod go-w)"};
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > rules.bytes_max) {
    return Error{errc::too_large, named(rules.path) + to_string(ByteSize{size}) + " is over its limit of " +
                                      to_string(ByteSize{rules.bytes_max}) + " (option 'model_bytes_max')"};
  }
  return {};
}

Result<std::vector<std::byte>> read_all(int fd, std::size_t size, const std::string& path) {
  std::vector<std::byte> bytes(size);
  for (std::size_t filled = 0; filled < size;) {
    const auto count = ::read(fd, bytes.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(path);
    if (count == 0) return Error{errc::io, named(path) + "became shorter while it was read"};
    filled += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace

Result<ModelFile> read_model_file(const ModelFileRules& rules) {
  const FileDescriptor file(rules.path);
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_error(rules.path);
  if (auto checked = check_status(status, rules); !checked) return checked.error();
  auto bytes = read_all(file.get(), static_cast<std::size_t>(status.st_size), rules.path);
  if (!bytes) return bytes.error();

  ModelFile model{std::move(*bytes), {}};
  model.sha256 = Sha256::hex_of(model.bytes);
  if (!rules.sha256.empty() && !same_sha256(rules.sha256, model.sha256)) {
    return Error{errc::invalid_argument, named(rules.path) + "its SHA-256 is " + model.sha256 + ", expected " +
                                             rules.sha256 + " (option 'sha256')"};
  }
  return model;
}

}  // namespace skep
