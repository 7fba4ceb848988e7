// skep export <swarm.toml>: what a swarm file says, as one canonical text.

#include <iostream>

#include "checked_swarm.hpp"
#include "plugin_options.hpp"
#include "skep/runtime/swarm_writer.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  options::options_description table;
  table.add_options()("output,o", options::value<std::string>()->default_value("toml", "")->value_name("FORM"),
                      "toml, or json for programs (default: toml)");
  table.add_options()("defaults", options::bool_switch(), "writes also what is as it is by default");
  add_plugin_options(table);
  return table;
}

std::string help() {
  return "Prints the swarm of a file as it is understood, in one order and one style, without comments and, unless "
         "asked\n"
         "for, without what is as it is by default. Paths stay as written: relative to the folder of the file.\n\n"
         "Environment variables are put in: a token or a password that the file takes from ${NAME} is printed as it "
         "is.\n"
         "To keep it out of the output, give another value for the time being: TOKEN=hidden skep export FILE\n\n"
         "Options:\n" +
         to_string(table()) + "\nExamples:\n  skep export hello.toml\n  skep export hello.toml --defaults -o json\n";
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(export_verb, arguments.error().message);
  if (arguments->files.size() != 1) return usage_error(export_verb, "which swarm file? It takes one");
  const auto& form = arguments->values["output"].as<std::string>();
  if (form != "toml" && form != "json") {
    return usage_error(export_verb, "no output form '" + form + "' (" + suggest(form, {"toml", "json"}) + ")");
  }
  const auto defaults = arguments->values["defaults"].as<bool>() ? Defaults::write : Defaults::leave_out;
  Catalog catalog(plugin_directories(*arguments), Plugins::describe);
  auto checked = checked_swarm(catalog, arguments->files.front());
  if (!checked) return bad_file;
  const auto change = defaults == Defaults::write ? with_option_defaults : without_option_defaults;
  const auto spec = change(std::move(checked->spec), catalog.bees(), catalog.gateways());
  std::cout << (form == "json" ? to_json(spec, defaults) + "\n" : to_toml(spec, defaults));
  return success;
}

}  // namespace

const Command export_verb{"export", "<swarm.toml> [-o toml|json] [options]", "Prints what a swarm file says", help,
                          run};

}  // namespace skep::cli
