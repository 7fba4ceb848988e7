#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "skep/runtime/metrics.hpp"

namespace skep {
namespace {

/// proc(5), /proc/self/stat: the fields after the command's name, which may hold blanks; the first is number 3.
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string text(std::istreambuf_iterator<char>(file), {});
  std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string state;
  rest >> state;
  std::vector<double> fields{0};
  std::copy(std::istream_iterator<double>(rest), {}, std::back_inserter(fields));
  fields.resize(50);
  return fields;
}

double uptime_of_machine() {
  double seconds = 0;
  std::ifstream("/proc/uptime") >> seconds;
  return seconds;
}

std::uint64_t open_descriptors() {
  std::error_code failed;
  const std::filesystem::directory_iterator folder("/proc/self/fd", failed);
  if (failed) return 0;
  const auto open = std::distance(begin(folder), end(folder));
  return static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(0, open - 1));  // without the one that looks
}

}  // namespace

ProcessMetrics read_process_metrics() {
  constexpr std::size_t first = 3;
  const auto fields = stat_fields();
  const auto field = [&](std::size_t number) { return fields[number - first]; };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  ProcessMetrics process;
  process.version = SKEP_VERSION;
  process.cpu_seconds = (field(14) + field(15)) / ticks;
  process.threads = static_cast<std::uint64_t>(field(20));
  process.uptime_seconds = std::max(0.0, uptime_of_machine() - field(22) / ticks);
  process.start_seconds = now - process.uptime_seconds;
  process.virtual_bytes = static_cast<std::uint64_t>(field(23));
  process.resident_bytes = static_cast<std::uint64_t>(field(24)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  process.descriptors = open_descriptors();
  process.descriptors_max = limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
  return process;
}

}  // namespace skep
