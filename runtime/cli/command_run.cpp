// skep run <swarm.toml>: one swarm, here, until it ends or is asked to stop.

#include <algorithm>

#include "arguments.hpp"
#include "serve.hpp"

namespace skep::cli {
namespace {

const Words not_taken{"swarms"};

std::string help() {
  return "Starts the swarm of a file and runs it until SIGTERM or Ctrl-C (drains; a second one stops at once), or\n"
         "until its only sources are files and they have come to their end. Exits with 0 once everything admitted\n"
         "is answered, with 1 if the swarm fails (more restarts than its [supervision] bears), if a file could not be\n"
         "read to its end or written, or if there was no time for all answers. A line that is malformed or too\n"
         "long is passed over, with a warning, or answered with an error where its gateway answers.\n\nOptions:\n" +
         settings_text(not_taken) +
         "\nExamples:\n"
         "  skep run hello.toml\n"
         "  skep run digits.toml --threads 2 --log.format json\n";
}

bool is_setting(const std::string& word) {
  return std::ranges::any_of(node_settings(not_taken),
                             [&](const NodeSetting& setting) { return word == "--" + setting.name; });
}

/// The file stands first or last: what is between belongs to the options, each of which has a value.
std::string take_file(Words& words) {
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word.front() == '-'; };
  if (words.empty()) return {};
  const auto at = is_option(words.front()) ? words.end() - 1 : words.begin();
  if (is_option(*at) || (at != words.begin() && is_setting(*(at - 1)))) return {};
  auto file = std::move(*at);
  words.erase(at);
  return file;
}

int run(const Words& words) {
  auto rest = words;
  const auto file = take_file(rest);
  if (file.empty()) return usage_error(run_verb, "which swarm file? It stands first or last");
  auto settings = read_settings(run_verb, {}, rest, not_taken);
  if (settings.code != success) return settings.code;
  settings.config.swarms = {file};
  return serve(settings, OnFailure::end);
}

}  // namespace

const Command run_verb{"run", "<swarm.toml> [options]", "Runs one swarm", help, run};

}  // namespace skep::cli
