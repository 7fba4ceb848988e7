#pragma once
// The table of a node's settings: the one place that knows their names, types, ranges and words.

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "skep/runtime/node_config.hpp"

namespace skep {

[[nodiscard]] const boost::program_options::options_description& node_options();
/// "log.level", ... in the order of the table.
[[nodiscard]] std::vector<std::string> node_option_names();
/// Whether a setting is a list.
[[nodiscard]] bool is_list(const std::string& option);
[[nodiscard]] bool is_number(const std::string& option);
[[nodiscard]] bool is_size(const std::string& option);  ///< in bytes: "256MiB", or a number
/// "log.level" to "SKEP_LOG_LEVEL".
[[nodiscard]] std::string variable_of(std::string_view option);
/// What the table has read, over the defaults.
[[nodiscard]] NodeConfig node_config_from(const boost::program_options::variables_map& values);

/// Reads one setting's values as the table wants them, into `values` unless it is there already. Returns what is wrong
/// with them, or nothing.
[[nodiscard]] std::string store_option(const std::string& option, const std::vector<std::string>& texts,
                                       boost::program_options::variables_map& values);

}  // namespace skep
