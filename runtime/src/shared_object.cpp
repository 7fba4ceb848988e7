#include "shared_object.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "skep/actors/plugin.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/gateways/plugin.hpp"
#include "skep/serialization/counted.hpp"

namespace skep::detail {
namespace {

std::string in_quotes(const std::string& text) {
  return "'" + text + "'";
}

Error not_found(const std::string& file_name, const std::vector<std::string>& directories) {
  std::string searched;
  for (const auto& directory : directories) searched += (searched.empty() ? "" : ", ") + directory;
  return {errc::not_found,
          "no plug-in " + in_quotes(file_name) + " in " +
              (searched.empty() ? "any directory: none is configured (setting 'plugins')"
                                : searched + " (setting 'plugins', or --plugins, names other directories)")};
}

Result<PluginFile> find(const std::string& file_name, const std::vector<std::string>& directories) {
  for (const auto& directory : directories) {
    auto path = directory + "/" + file_name;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor >= 0) return PluginFile(std::move(path), descriptor);
    if (errno != ENOENT && errno != ENOTDIR) {
      return Error{errc::io, "cannot open plug-in " + in_quotes(path) + ": " + std::strerror(errno)};
    }
  }
  return not_found(file_name, directories);
}

template <class T>
bool read_at(int descriptor, std::uint64_t offset, T& to) {
  constexpr auto offset_max = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset > offset_max - sizeof to) return false;
  return ::pread(descriptor, &to, sizeof to, static_cast<off_t>(offset)) == static_cast<ssize_t>(sizeof to);
}

/// Whether the file ends before what its header speaks of. The loader maps that without asking, and whoever reads a
/// page beyond the end gets SIGBUS. What is no ELF file of ours the loader sees itself.
bool is_cut_off(int descriptor) {
  struct stat status {};
  ElfW(Ehdr) header{};
  if (::fstat(descriptor, &status) != 0 || !read_at(descriptor, 0, header)) return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(ElfW(Phdr))) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) part{};
    const bool read = read_at(descriptor, header.e_phoff + std::uint64_t{i} * sizeof part, part);
    if (!read || part.p_offset > size || part.p_filesz > size - part.p_offset) return true;
  }
  return false;
}

/// Why this file is not to be loaded, if it is not: code of others, or half of it.
std::optional<std::string> objection(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return std::string("its status cannot be read: ") + std::strerror(errno);
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return "others may write it; remove that right with: chmod go-w";
  }
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return "it belongs to user " + std::to_string(status.st_uid) + ", not to root or to this process's user " +
           std::to_string(::geteuid());
  }
  if (is_cut_off(descriptor)) {
    return "it is cut off after " + counted(static_cast<std::uint64_t>(status.st_size), "byte") +
           ": copy or build it again";
  }
  return std::nullopt;
}

/// What this process has loaded. Threads: any.
class LoadedFiles {
 public:
  /// Null for a file that is not among them.
  [[nodiscard]] void* find(int descriptor) {
    const std::lock_guard lock(mutex_);
    const auto found = handles_.find(file_at(descriptor));
    return found == handles_.end() ? nullptr : found->second;
  }
  void add(int descriptor, void* handle) {
    const std::lock_guard lock(mutex_);
    handles_[file_at(descriptor)] = handle;
  }

 private:
  using File = std::pair<dev_t, ino_t>;
  static File file_at(int descriptor) {
    struct stat status {};
    ::fstat(descriptor, &status);
    return {status.st_dev, status.st_ino};
  }

  std::mutex mutex_;
  std::map<File, void*> handles_;
};

LoadedFiles& loaded_files() {
  static LoadedFiles files;
  return files;
}

Result<void*> load_object(const PluginFile& file) {
  const auto link = "/proc/self/fd/" + std::to_string(file.descriptor());
  if (void* handle = ::dlopen(link.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  std::string reason = ::dlerror();
  const auto prefix = link + ": ";
  if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  return Error{errc::incompatible, "plug-in " + in_quotes(file.path()) + " cannot be loaded: " + reason};
}

Result<void> check_abi(const SharedObject& object) {
  auto stamp = object.symbol(plugin_abi_symbol);
  if (!stamp) {  // it may have gateways alone
    const auto of_gateways = object.symbol(plugin_gateways_abi_symbol);
    if (!of_gateways) return stamp.error();
    stamp = of_gateways;
  }
  const char* said = reinterpret_cast<PluginAbi>(stamp.value())();
  return compare_abi(object.path(), said == nullptr ? "" : said);
}

}  // namespace

Result<void> compare_abi(const std::string& path, const std::string& theirs) {
  const std::string ours = plugin_abi_stamp();
  if (theirs == ours) return {};
  return Error{errc::incompatible, "plug-in " + in_quotes(path) + " was built for '" + theirs + "', this program is '" +
                                       ours + "': build the plug-in again"};
}

Result<PluginFile> PluginFile::open(const std::string& file_name, const std::vector<std::string>& directories) {
  auto file = find(file_name, directories);
  if (!file) return file;
  if (const auto reason = objection(file->descriptor())) {
    return Error{errc::invalid_argument, "plug-in " + in_quotes(file->path()) + " is refused: " + *reason};
  }
  return file;
}

Result<std::string> PluginFile::checked_sha256(const std::string& expected) const {
  Sha256 sum;
  std::vector<std::byte> piece(64u << 10);
  for (off_t at = 0;;) {
    const auto count = ::pread(descriptor_, piece.data(), piece.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error{errc::io, "plug-in " + in_quotes(path_) + " cannot be read: " + std::strerror(errno)};
    if (count == 0) break;
    sum.add(std::span(piece).first(static_cast<std::size_t>(count)));
    at += count;
  }
  auto found = sum.hex();
  if (expected.empty() || same_sha256(expected, found)) return found;
  return Error{errc::invalid_argument,
               "plug-in " + in_quotes(path_) + " is refused: its SHA-256 is " + found + ", expected " + expected};
}

PluginFile::~PluginFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// The descriptor stays open with the object: the loader knows objects by name, and a second file behind the same
/// number would be taken for the first. A file that is loaded already is not given to the loader again: it would have
/// one more name.
Result<SharedObject> SharedObject::load(PluginFile file) {
  void* handle = loaded_files().find(file.descriptor());
  if (handle == nullptr) {
    const auto loaded = load_object(file);
    if (!loaded) return loaded.error();
    handle = loaded.value();
    loaded_files().add(file.descriptor(), handle);
    file.keep();
  }
  SharedObject object(file.path(), handle);
  if (const auto matches = check_abi(object); !matches) return matches.error();
  return object;
}

Result<void*> SharedObject::symbol(const char* name) const {
  if (void* address = ::dlsym(handle_, name)) return address;
  return Error{errc::invalid_argument,
               "plug-in " + in_quotes(path_) + " has no entry point '" + name + "': is it built by skep_add_plugin()?"};
}

}  // namespace skep::detail
