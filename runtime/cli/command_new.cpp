// skep new <name>: a project with a bee, its tests and a swarm, ready to build.

#include <filesystem>
#include <iostream>

#include "arguments.hpp"
#include "new_project.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  return {};
}

std::string help() {
  return "Makes a folder of that name with one bee, its test, a swarm file, the test of the swarm, and a README that "
         "says\n"
         "how to build and run them. It needs the installed package: headers, CMake files and this program.\n\n"
         "Examples:\n  skep new hello\n  skep new projects/hello\n";
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(new_verb, arguments.error().message);
  if (arguments->files.empty()) return usage_error(new_verb, "what is it called?");
  if (arguments->files.size() > 1) return usage_error(new_verb, "one project at a time");
  const auto folder =
      (std::filesystem::path(arguments->files.front()) / "").parent_path();  // without a slash at its end
  const auto written = write_project(folder);
  if (!written) {
    std::cerr << "skep new: " << written.error().message << '\n';
    return written.error().code == errc::invalid_argument ? usage : failure;
  }
  std::cout << "made " << folder.string() << '\n';
  for (const auto& file : *written) std::cout << "  " << file << '\n';
  std::cout << "next:\n  cd " << folder.string()
            << "\n  cmake -B build && cmake --build build && ctest --test-dir build\n  skep run "
            << folder.filename().string() << ".toml --plugins build/plugins\n";
  return success;
}

}  // namespace

const Command new_verb{"new", "<name>", "Makes a project with a bee, its tests and a swarm", help, run};

}  // namespace skep::cli
