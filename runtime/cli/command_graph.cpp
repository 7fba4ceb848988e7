// skep graph <swarm.toml>: draws a swarm.

#include <iostream>

#include "checked_swarm.hpp"
#include "plugin_options.hpp"
#include "skep/runtime/graph.hpp"

namespace skep::cli {
namespace {

options::options_description table() {
  options::options_description table;
  table.add_options()("output,o", options::value<std::string>()->default_value("text", "")->value_name("FORM"),
                      "text for people, dot for Graphviz, or mermaid (default: text)");
  add_plugin_options(table);
  return table;
}

std::string help() {
  return "Prints the swarm of a file as text, as DOT for Graphviz or as Mermaid.\n\nOptions:\n" + to_string(table()) +
         "\nExamples:\n  skep graph hello.toml\n  skep graph hello.toml -o dot | dot -Tsvg > hello.svg\n";
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(graph_verb, arguments.error().message);
  if (arguments->files.size() != 1) return usage_error(graph_verb, "which swarm file? It takes one");
  const auto& name = arguments->values["output"].as<std::string>();
  const auto form = graph_form_from(name);
  if (!form) {
    return usage_error(graph_verb, "no output form '" + name + "' (" + suggest(name, {"text", "dot", "mermaid"}) + ")");
  }
  Catalog catalog(plugin_directories(*arguments), Plugins::describe);
  const auto checked = checked_swarm(catalog, arguments->files.front());
  if (!checked) return bad_file;
  std::cout << draw(checked->spec, *form, port_types(checked->plan));
  return success;
}

}  // namespace

const Command graph_verb{"graph", "<swarm.toml> [-o text|dot|mermaid] [options]", "Draws a swarm", help, run};

}  // namespace skep::cli
