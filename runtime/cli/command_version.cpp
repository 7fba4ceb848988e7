// skep version: of the program, and of what plug-ins must be built for.

#include <iostream>

#include "output_form.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/serialization/json.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  options::options_description table;
  add_output_option(table);
  return table;
}

std::string help() {
  return "Prints the version, and the stamp that plug-ins must have.\n\nOptions:\n" + to_string(table()) +
         "\nExamples:\n  skep version\n  skep version -o json\n";
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(version_verb, arguments.error().message);
  if (!arguments->files.empty()) return usage_error(version_verb, "it takes no '" + arguments->files.front() + "'");
  auto form = output_form(*arguments);
  if (!form) return usage_error(version_verb, form.error().message);
  if (*form == OutputForm::text) {
    std::cout << "skep " SKEP_VERSION "\nplug-ins: " << plugin_abi_stamp() << '\n';
    return success;
  }
  JsonWriter json;
  json.begin_object().key("version").value(SKEP_VERSION).key("plugin_abi").value(plugin_abi_stamp()).end_object();
  std::cout << json.text() << '\n';
  return success;
}

}  // namespace

const Command version_verb{"version", "[-o json]", "Prints the version", help, run};

}  // namespace skep::cli
