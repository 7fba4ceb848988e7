#include "pki/file_draft.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

namespace skep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view draft_prefix = ".skep-draft-";  ///< six letters or digits follow

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
  const auto folder = fs::path(path).parent_path();
  const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() >= 0) ::fsync(opened.number());
}

/// Where the file system knows no locks, nothing is ever stale.
bool lock_draft(int file) {
  return ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

bool is_draft_name(std::string_view name) {
  if (!name.starts_with(draft_prefix)) return false;
  name.remove_prefix(draft_prefix.size());
  return name.size() == 6 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

bool remove_if_stale(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return false;
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid()) return false;
  return ::flock(file.number(), LOCK_EX | LOCK_NB) == 0 && ::unlink(path.c_str()) == 0;
}

}  // namespace

Result<FileDraft> FileDraft::write(const std::string& path, const std::string& text, Secrecy secrecy) {
  auto name = fs::path(path).replace_filename(std::string(draft_prefix) + "XXXXXX").string();
  const int file = ::mkostemp(name.data(), O_CLOEXEC);  // 0600
  if (file < 0) return cannot_write(path, errno);
  FileDraft draft(path, std::move(name), file);
  const bool written = lock_draft(file) && (secrecy == Secrecy::secret || ::fchmod(file, 0644) == 0) &&
                       write_all(file, text) && ::fsync(file) == 0;
  if (!written) return cannot_write(path, errno);
  return draft;
}

FileDraft::FileDraft(FileDraft&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

FileDraft& FileDraft::operator=(FileDraft&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(draft_, other.draft_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileDraft::~FileDraft() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
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

std::vector<std::string> remove_stale_drafts(const std::string& folder) {
  std::vector<std::string> removed;
  std::error_code failed;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const auto path = entry->path();
    if (is_draft_name(path.filename().string()) && remove_if_stale(path)) removed.push_back(path.string());
  }
  return removed;
}

}  // namespace skep
