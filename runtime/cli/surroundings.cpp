#include "surroundings.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"

namespace skep::cli {
namespace {

std::string coloured(const Problem& problem) {
  const bool error = problem.severity == Problem::Severity::error;
  const std::string word = error ? "error:" : "warning:";
  auto text = problem.to_string();
  const auto at = text.find(word);
  if (at == std::string::npos) return text;
  return text.replace(at, word.size(), (error ? "\033[31m" : "\033[33m") + word + "\033[m");
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    names.emplace_back(pair.substr(0, pair.find('=')));
  }
  return names;
}

std::string default_plugin_directory() {
  std::error_code unreadable;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  if (unreadable) return "lib/skep";
  return (program.parent_path().parent_path() / "lib" / "skep").string();
}

void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    const int use = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;  // the one that it is not for
    static_cast<void>(::open("/dev/null", use));                       // takes the lowest number that is free
  }
}

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) != 0;
}

bool stderr_has_colours() {
  const char* no_colour = std::getenv("NO_COLOR");
  return stderr_is_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

std::string text_of(const Problem& problem) {
  return stderr_has_colours() ? coloured(problem) : problem.to_string();
}

void print(const std::vector<Problem>& problems) {
  for (const auto& problem : problems) std::cerr << text_of(problem) + '\n';
}

std::string count_of_errors(const std::string& file, const std::vector<Problem>& problems) {
  std::uint64_t errors = 0;
  bool more = false;
  for (const auto& problem : problems) {
    if (problem.severity != Problem::Severity::error || problem.file != file) continue;
    more = more || problem.more > 0;
    if (problem.more == 0) ++errors;
  }
  if (errors == 0 && !more) return {};
  return (file.empty() ? "" : printable(file) + ": ") + (more ? "more than " : "") + counted(errors, "error");
}

}  // namespace skep::cli
