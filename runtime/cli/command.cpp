#include "command.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <iostream>

#include "skep/actors/option.hpp"

namespace skep::cli {
namespace {

const std::array<const Command*, 13> verbs{&run_verb,   &node_verb,   &lint_verb,   &test_verb, &bench_verb,
                                           &graph_verb, &export_verb, &bees_verb,   &new_verb,  &manifest_verb,
                                           &pki_verb,   &token_verb,  &version_verb};

void print_usage(std::ostream& out) {
  out << "usage: skep <verb> [arguments]\n\n";
  for (const auto* command : verbs) {
    out << "  " << std::left << std::setw(10) << command->verb << command->summary << '\n';
  }
  out << "\n'skep <verb> --help' and 'skep help <verb>' show a verb's options and examples.\n"
         "Exit codes: 0 ok, 1 failure, 2 usage, 3 bad file, 4 unreachable, 5 timed out.\n";
}

void print_help(const Command& command) {
  std::cout << "usage: skep " << command.verb << ' ' << command.arguments << "\n\n"
            << command.summary << ".\n\n"
            << command.help();
}

int unknown(const std::string& verb) {
  Words names;
  for (const auto* command : verbs) names.emplace_back(command->verb);
  const bool option = verb.starts_with('-');
  if (option) names = {"--help", "--version"};
  std::cerr << "skep: unknown " << (option ? "option" : "verb") << " '" << verb << "' (" << suggest(verb, names)
            << ")\n";
  return usage;
}

bool asks_for_help(const std::string& word) {
  return word == "--help" || word == "-h";
}

}  // namespace

int run_command(const Words& words) {
  if (words.empty()) {
    print_usage(std::cerr);
    return usage;
  }
  if (words.front() == "help" && words.size() > 1) return run_command({words[1], "--help"});
  if (asks_for_help(words.front()) || words.front() == "help") {
    print_usage(std::cout);
    return success;
  }
  const auto& verb = words.front() == "--version" ? std::string(version_verb.verb) : words.front();
  const auto found = std::ranges::find(verbs, verb, &Command::verb);
  if (found == verbs.end()) return unknown(verb);
  const Words rest(words.begin() + 1, words.end());
  if (std::ranges::any_of(rest, asks_for_help)) {
    print_help(**found);
    return success;
  }
  return (*found)->run(rest);
}

}  // namespace skep::cli
