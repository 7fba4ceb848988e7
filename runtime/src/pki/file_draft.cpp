#include "pki/file_draft.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

namespace skep {
namespace {

Error cannot_write(const std::string& path, int number) {
  return {number == ENOENT ? errc::not_found : errc::io, "'" + path + "' cannot be written: " + std::strerror(number)};
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
  if (file.number() < 0) return cannot_write(path, errno);
  FileDraft draft(path, std::move(name));
  const bool written = (secrecy == Secrecy::secret || ::fchmod(file.number(), 0644) == 0) &&
                       write_all(file.number(), text) && ::fsync(file.number()) == 0;
  if (!written) return cannot_write(path, errno);
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
    return cannot_write(path_, errno);
  }
  if (existing == Existing::replace) draft_.clear();  // else it has two names now
  sync_folder_of(path_);
  return {};
}

Result<void> write_whole_file(const std::string& path, const std::string& text, Secrecy secrecy, Existing existing) {
  auto draft = FileDraft::write(path, text, secrecy);
  return draft ? draft->put(existing) : draft.error();
}

}  // namespace skep
