#include "process_memory.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "text_file.hpp"

namespace skep::detail {
namespace {

constexpr std::size_t file_bytes_max = 64u << 10;

/// The number at the beginning of `text`, after blanks. "max", as cgroups say it, is none.
std::optional<std::size_t> number_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

std::string text_of(const std::string& path) {
  auto text = read_text_file(path, file_bytes_max);
  return text ? std::move(*text) : std::string();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Of a cgroup and all above it. In a container the path may be that of the host: what is not there is passed over.
std::size_t least_limit(const std::string& mount, std::string_view path, const std::string& file) {
  auto least = std::numeric_limits<std::size_t>::max();
  for (;;) {
    while (path.ends_with('/')) path.remove_suffix(1);
    const auto text = text_of(mount + std::string(path) + "/" + file);
    least = std::min(least, number_in(text).value_or(least));
    if (path.empty()) return least;
    const auto parent = path.rfind('/');
    path = path.substr(0, parent == path.npos ? 0 : parent);
  }
}

/// Of a line of /proc/self/cgroup: "0::/system.slice/skep.service", or "4:memory:/docker/4f1e".
std::size_t cgroup_limit(const std::string& root, std::string_view line) {
  const auto first = line.find(':');
  const auto second = first == line.npos ? line.npos : line.find(':', first + 1);
  if (second == line.npos) return std::numeric_limits<std::size_t>::max();
  const auto controllers = "," + std::string(line.substr(first + 1, second - first - 1)) + ",";
  const auto path = line.substr(second + 1);
  const auto mount = root + "/sys/fs/cgroup";
  if (controllers == ",,") return least_limit(mount, path, "memory.max");
  if (controllers.find(",memory,") != controllers.npos) {
    return least_limit(mount + "/memory", path, "memory.limit_in_bytes");
  }
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace

std::optional<std::size_t> resident_bytes(std::string_view statm, std::size_t page_bytes) {
  const auto pages = number_in(statm.substr(std::min(statm.find(' '), statm.size())));
  if (!pages) return std::nullopt;
  return *pages * page_bytes;
}

std::size_t memory_allowed(const std::string& root) {
  constexpr auto none = std::numeric_limits<std::size_t>::max();
  auto allowed = none;
  const auto machine = text_of(root + "/proc/meminfo"), cgroups = text_of(root + "/proc/self/cgroup");
  for (const auto line : lines_of(machine)) {
    constexpr std::string_view total = "MemTotal:";
    if (!line.starts_with(total)) continue;
    if (const auto kibibytes = number_in(line.substr(total.size()))) allowed = std::min(allowed, *kibibytes << 10);
  }
  for (const auto line : lines_of(cgroups)) {
    allowed = std::min(allowed, cgroup_limit(root, line));
  }
  return allowed == none ? 0 : allowed;
}

std::size_t memory_budget(std::optional<std::size_t> set) {
  return set ? *set : memory_allowed() >> 20 << 20;
}

std::size_t freed_memory_kept(std::size_t set, std::size_t budget) noexcept {
  constexpr std::size_t heaps = 16;  // several busy threads' fill a third of the budget at most
  return budget == 0 ? set : std::min(set, budget / heaps);
}

void keep_freed_memory(std::size_t bytes) noexcept {
  constexpr int mapped_bytes_min = 32 << 20;  // as far as glibc goes by itself
  if (bytes == 0) return;
  ::mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max())));
}

void give_back_freed_memory() noexcept {
  ::malloc_trim(0);
}

ResidentMemory::ResidentMemory() noexcept : file_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

ResidentMemory::~ResidentMemory() {
  if (file_ >= 0) ::close(file_);
}

std::optional<std::size_t> ResidentMemory::read() const {
  std::array<char, 128> text;
  const auto bytes = file_ < 0 ? -1 : ::pread(file_, text.data(), text.size(), 0);
  if (bytes <= 0) return std::nullopt;
  return resident_bytes({text.data(), static_cast<std::size_t>(bytes)},
                        static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

}  // namespace skep::detail
