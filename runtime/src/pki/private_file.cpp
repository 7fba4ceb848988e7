#include "pki/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "skep/runtime/limits.hpp"

namespace skep {
namespace {

Error system_error(const std::string& path, const char* what, int number) {
  return {number == ENOENT ? errc::not_found : errc::io,
          "'" + path + "' cannot be " + what + ": " + std::strerror(number)};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Moves `from` to `path`; one that is to be kept wins even against who came between.
bool move_to(const std::string& from, const std::string& path, Existing existing) {
  if (existing == Existing::replace) return ::rename(from.c_str(), path.c_str()) == 0;
  return ::link(from.c_str(), path.c_str()) == 0;
}

void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() >= 0) ::fsync(opened.number());
}

}  // namespace

Result<FileDraft> FileDraft::write(const std::string& path, const std::string& text, Secrecy secrecy) {
  auto name = path + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));  // 0600
  if (file.number() < 0) return system_error(path, "written", errno);
  FileDraft draft(path, std::move(name));
  const bool written = (secrecy == Secrecy::secret || ::fchmod(file.number(), 0644) == 0) &&
                       write_all(file.number(), text) && ::fsync(file.number()) == 0;
  if (!written) return system_error(path, "written", errno);
  return draft;
}

FileDraft::FileDraft(FileDraft&& other) noexcept
    : path_(std::move(other.path_)), draft_(std::exchange(other.draft_, {})) {}

FileDraft& FileDraft::operator=(FileDraft&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(draft_, other.draft_);
  return *this;
}

FileDraft::~FileDraft() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

Result<void> FileDraft::put(Existing existing) {
  if (!move_to(draft_, path_, existing)) {
    if (errno == EEXIST) return Error{errc::invalid_argument, "'" + path_ + "' is there already"};
    return system_error(path_, "written", errno);
  }
  if (existing == Existing::replace) draft_.clear();  // else it has two names now
  sync_folder_of(path_);
  return {};
}

Result<void> write_whole_file(const std::string& path, const std::string& text, Secrecy secrecy, Existing existing) {
  auto draft = FileDraft::write(path, text, secrecy);
  return draft ? draft->put(existing) : draft.error();
}

Result<std::string> read_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return system_error(path, "read", errno);
  if (!S_ISREG(status.st_mode)) return Error{errc::io, "'" + path + "' is no file"};
  if ((status.st_mode & 077) != 0) {
    return Error{errc::io, "'" + path + "' holds a private key, and others than its owner can reach it: chmod 600 '" +
                               path + "'"};
  }
  std::string text(limits::certificate_file_bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto count = ::read(file.number(), text.data() + size, text.size() - size);
    if (count < 0 && errno != EINTR) return system_error(path, "read", errno);
    if (count == 0) break;
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  if (size == text.size()) return Error{errc::too_large, "'" + path + "' is too large for a key"};
  text.resize(size);
  return text;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FolderLock> FolderLock::take(const std::string& folder) {
  const auto path = folder + "/.lock";
  FolderLock lock;
  lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock.descriptor_ < 0) return system_error(path, "opened", errno);
  while (::flock(lock.descriptor_, LOCK_EX) != 0) {
    if (errno != EINTR) return system_error(path, "locked", errno);
  }
  return lock;
}

}  // namespace skep
