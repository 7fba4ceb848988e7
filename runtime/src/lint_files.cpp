// What lint has to say about the files of gateways: one that is written has one user, as standard input and
// output have, whose lines would be torn apart. Those of other swarms are seen when they are opened.

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "linter.hpp"

namespace skep {
namespace {

namespace fs = std::filesystem;

/// One name for a file, whatever it is called; as it is called where the system does not know.
std::string one_name(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0) return std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
  std::error_code unknown;
  const auto name = fs::weakly_canonical(fs::absolute(path, unknown), unknown);
  return unknown ? path : name.string();
}

/// Pipes and devices may have any number of users.
bool is_shared(const std::string& path) {
  std::error_code unknown;
  const auto type = fs::status(path, unknown).type();
  return type != fs::file_type::regular && type != fs::file_type::not_found && type != fs::file_type::none;
}

}  // namespace

void Linter::check_files() {
  for (const auto& gateway : plan_.gateways) {
    const auto& spec = gateway.spec;
    const auto& files = gateway.configured.files;
    if (!files) continue;
    const bool answers = !spec.answers.empty(), receives = !spec.from.empty();
    if (answers && receives) {
      problems_.error(spec.answers_position, "gateway '" + spec.name + "' answers, and reads from bees",
                      "a file is read or written, not both");
      continue;
    }
    const auto position = [&](std::string_view option) {
      const auto* value = spec.options.find(option);
      return value == nullptr ? spec.position : value->position;
    };
    add_file({spec.name, files->path, receives, position("path")});
    if (answers) add_file({spec.name, files->output, true, position("output")});
  }
}

void Linter::add_file(FileUse use) {
  const bool standard = use.path == "-";
  if (!standard) check_there(use);
  if (!standard && is_shared(use.path)) return;
  const auto name = standard ? (use.writes ? ">-" : "<-") : one_name(use.path);
  auto& users = files_[name];
  const auto& other = use.writes || standard ? users.first : users.writer;
  if (other && other->gateway == use.gateway) {
    problems_.error(use.position,
                    "gateway '" + use.gateway + "' reads '" + other->path +
                        "', and writes its answers over it by the name '" + use.path + "'",
                    "another 'output'");
  } else if (other) {
    const auto* what = standard ? (use.writes ? "standard output" : "standard input") : nullptr;
    const auto shown = what != nullptr ? what : "'" + use.path + "'";
    problems_.error(use.position,
                    "gateway '" + use.gateway + "' " + (use.writes ? "writes " : "reads ") + shown + ", and gateway '" +
                        other->gateway + "' " + (other->writes ? "writes" : "reads") + " it",
                    use.writes && standard ? "an 'output' or a 'path' for each" : "a file for each");
  }
  if (use.writes && !users.writer) users.writer = use;
  if (!users.first) users.first = std::move(use);
}

/// Warnings for what may come before the swarm starts.
void Linter::check_there(const FileUse& use) {
  std::error_code unknown;
  const auto type = fs::status(use.path, unknown).type();
  if (type == fs::file_type::directory) return problems_.error(use.position, "'" + use.path + "' is a folder");
  if (type == fs::file_type::none && unknown == std::errc::filename_too_long) {
    return problems_.error(use.position, "the system has no path as long as this one");
  }
  if (type != fs::file_type::not_found) return;
  if (!use.writes) return problems_.warning(use.position, "there is no file '" + use.path + "' (yet)");
  const auto folder = fs::path(use.path).parent_path();
  if (folder.empty() || fs::is_directory(folder, unknown)) return;
  problems_.warning(use.position, "there is no folder '" + folder.string() + "' (yet)");
}

}  // namespace skep
