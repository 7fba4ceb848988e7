#include "plugin_options.hpp"

#include "skep/runtime/node_config.hpp"
#include "surroundings.hpp"

namespace skep::cli {

void add_plugin_options(options::options_description& table) {
  table.add_options()("plugins", options::value<Words>()->composing()->value_name("DIR"),
                      "where plug-ins are; may be repeated (default: ../lib/skep, seen from the program)");
}

std::vector<std::string> plugin_directories(const Arguments& arguments) {
  if (arguments.values.count("plugins") != 0) return arguments.values["plugins"].as<Words>();
  auto directories = read_node_config({}, process_environment(), {}).config.plugins;
  if (directories.empty()) directories.push_back(default_plugin_directory());
  return directories;
}

}  // namespace skep::cli
