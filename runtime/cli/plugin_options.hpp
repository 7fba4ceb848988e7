#pragma once
// The option of every verb that reads bee classes: where plug-ins are.

#include <string>
#include <vector>

#include "arguments.hpp"

namespace skep::cli {

void add_plugin_options(options::options_description& table);
/// As given, else of the environment, else the default.
[[nodiscard]] std::vector<std::string> plugin_directories(const Arguments& arguments);

}  // namespace skep::cli
