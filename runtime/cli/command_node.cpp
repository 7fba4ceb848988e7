// skep node --config <node.toml>: the swarms of a node file.

#include <algorithm>

#include "arguments.hpp"
#include "serve.hpp"
#include "skep/actors/option.hpp"

namespace skep::cli {
namespace {

std::string help() {
  return "Starts the swarms of a node file and runs them until SIGTERM or Ctrl-C (drains; a second one stops at\n"
         "once). A swarm that fails leaves the others alone; the exit code is 1 then.\n\nOptions:\n" +
         settings_text(
             {}, {{"--config", "FILE", "the node file (TOML); the settings below may stand in it"},
                  {"--check", "", "only check it, its swarms, and its certificates, keys and tokens; start nothing"}}) +
         "\nExamples:\n"
         "  skep node --config node.toml\n"
         "  skep node --config node.toml --check\n"
         "  SKEP_LOG_LEVEL=debug skep node --config /etc/skep/node.toml --threads 4\n";
}

std::string flag_of(const std::string& word) {
  return word.substr(0, word.find('='));
}

bool is_like_config(const std::string& word) {
  return word.starts_with("--") && flag_of(word) != "--config" && nearest(flag_of(word), {"--config"}).has_value();
}

/// Takes `--config FILE` or `--config=FILE` out of `words`.
std::string take_config(Words& words) {
  const std::string name = "--config";
  for (auto word = words.begin(); word != words.end(); ++word) {
    const bool joined = word->starts_with(name + "=");
    if (!joined && *word != name) continue;
    const auto value = joined ? word : word + 1;
    if (value == words.end()) return {};
    auto file = joined ? value->substr(name.size() + 1) : *value;
    words.erase(word, value + 1);
    return file;
  }
  return {};
}

int run(const Words& words) {
  auto rest = words;
  const bool check_only = std::erase(rest, "--check") > 0;
  const auto file = take_config(rest);
  if (file.empty()) {
    const auto meant = std::ranges::find_if(rest, is_like_config);
    if (meant == rest.end()) return usage_error(node_verb, "which node file? --config names it");
    return usage_error(node_verb, "unknown option '" + flag_of(*meant) + "' (did you mean '--config'?)");
  }
  const auto settings = read_settings(node_verb, file, rest);
  if (settings.code != success) return settings.code;
  return check_only ? check(file, settings) : serve(settings, OnFailure::go_on);
}

}  // namespace

const Command node_verb{"node", "--config <node.toml> [options]", "Runs the swarms of a node file", help, run};

}  // namespace skep::cli
