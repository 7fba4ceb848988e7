// skep lint <swarm.toml>...: every mistake of swarm files, without running them.

#include <iostream>

#include "plugin_options.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"
#include "surroundings.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  options::options_description table;
  add_plugin_options(table);
  return table;
}

std::string help() {
  return "Prints every mistake as file:line:column, with what it should be, to stderr; exits with 3 if there are any.\n"
         "Reads the manifests of the plug-ins that the files name, to know their bees; runs none of their code. What "
         "is\n"
         "wrong with certificates, keys and files of tokens are warnings: they may be those of another "
         "machine.\n\nOptions:\n" +
         to_string(table()) +
         "\nExamples:\n  skep lint hello.toml\n  skep lint swarms/*.toml --plugins build/plugins\n";
}

void report(const std::string& file, const Catalog::Checked& checked) {
  print(checked.problems);
  if (checked.ok()) {
    print(check_gateway_files(checked.plan, file, Problem::Severity::warning));
    std::cout << printable(file) << ": ok (" << counted(checked.spec.gateways.size(), "gateway") << ", "
              << counted(checked.spec.bees.size(), "bee")
              << (checked.tests.empty() ? "" : ", " + counted(checked.tests.size(), "test")) << ")\n";
    return;
  }
  std::cerr << count_of_errors(file, checked.problems) << '\n';
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(lint_verb, arguments.error().message);
  if (arguments->files.empty()) return usage_error(lint_verb, "which swarm files?");
  int code = success;
  for (const auto& file : arguments->files) {
    Catalog catalog(plugin_directories(*arguments), Plugins::describe);  // a file's plug-ins are its own affair
    const auto checked = catalog.check(file, process_environment());
    report(file, checked);
    if (!checked.ok()) code = bad_file;
  }
  return code;
}

}  // namespace

const Command lint_verb{"lint", "<swarm.toml>... [options]", "Checks swarm files", help, run};

}  // namespace skep::cli
