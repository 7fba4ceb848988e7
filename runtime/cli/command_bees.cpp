// skep bees: the bee classes and gateway types that swarm files may name.

#include <iostream>

#include "catalog_text.hpp"
#include "output_form.hpp"
#include "plugin_options.hpp"
#include "skep/runtime/catalog.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  options::options_description table;
  table.add_options()("plugin", options::value<Words>()->composing()->value_name("NAME"),
                      "shows this plug-in's bees too; may be repeated");
  add_plugin_options(table);
  add_output_option(table);
  return table;
}

std::string help() {
  return "Prints the bee classes and gateway types with their ports and options.\n\nOptions:\n" + to_string(table()) +
         "\nExamples:\n  skep bees\n  skep bees --plugin digits -o json\n";
}

CatalogView view_of(Catalog& catalog) {
  CatalogView view;
  for (const auto& name : catalog.bees().names()) view.bees.push_back(&catalog.bees().find(name)->description);
  for (const auto& type : catalog.gateways().types()) {
    view.gateways.push_back(&catalog.gateways().find(type)->description);
  }
  return view;
}

int show(const Arguments& arguments, OutputForm form) {
  Catalog catalog(plugin_directories(arguments), Plugins::describe);
  const auto plugins = arguments.values.count("plugin") != 0 ? arguments.values["plugin"].as<Words>() : Words{};
  for (const auto& plugin : plugins) {
    const auto loaded = catalog.add_plugin(plugin);
    if (loaded) continue;
    std::cerr << "skep bees: " << loaded.error().message << '\n';
    return failure;
  }
  const auto view = view_of(catalog);
  std::cout << (form == OutputForm::json ? as_json(view) : as_text(view));
  return success;
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(bees_verb, arguments.error().message);
  if (!arguments->files.empty()) {
    return usage_error(bees_verb, "it takes no file; --plugin " + arguments->files.front() + "?");
  }
  auto form = output_form(*arguments);
  if (!form) return usage_error(bees_verb, form.error().message);
  return show(*arguments, *form);
}

}  // namespace

const Command bees_verb{"bees", "[--plugin <name>]... [-o json]", "Lists bee classes and gateway types", help, run};

}  // namespace skep::cli
