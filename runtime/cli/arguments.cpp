#include "arguments.hpp"

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>

#include <iostream>

#include "option_text.hpp"
#include "skep/actors/option.hpp"

namespace skep::cli {
namespace {

namespace style = options::command_line_style;

// No guessing: an abbreviation that works today is another option tomorrow.
constexpr int plain_style = style::unix_style & ~style::allow_guessing;

Words names_of(const options::options_description& table) {
  Words names;
  for (const auto& option : table.options()) names.push_back("--" + option->long_name());
  return names;
}

Error unknown(const std::string& option, const options::options_description& table) {
  const auto hint = suggest(option, names_of(table));
  return {errc::invalid_argument, "unknown option '" + option + "'" + (hint.empty() ? "" : " (" + hint + ")")};
}

}  // namespace

Result<Arguments> read_arguments(const Words& words, const options::options_description& table) {
  options::options_description all;
  all.add(table).add_options()("file", options::value<Words>());
  options::positional_options_description positions;
  positions.add("file", -1);
  try {
    Arguments arguments;
    const auto parsed = options::command_line_parser(words).options(all).positional(positions).style(plain_style).run();
    options::store(parsed, arguments.values);
    options::notify(arguments.values);
    if (arguments.values.count("file") != 0) arguments.files = arguments.values["file"].as<Words>();
    return arguments;
  } catch (const options::unknown_option& thrown) {
    return unknown(thrown.get_option_name(), table);
  } catch (const options::error& thrown) {
    return Error{errc::invalid_argument, thrown.what()};
  }
}

std::string to_string(const options::options_description& table) {
  std::vector<OptionLine> lines;
  for (const auto& option : table.options()) {
    const auto short_name = option->canonical_display_name(style::allow_dash_for_short);
    const auto flags = (short_name.starts_with('-') ? short_name + ", " : "") + "--" + option->long_name();
    lines.push_back({flags, option->format_parameter(), option->description()});
  }
  return option_text(lines);
}

int usage_error(const Command& command, const Words& problems) {
  for (const auto& problem : problems) std::cerr << "skep " << command.verb << ": " << problem << '\n';
  std::cerr << "usage: skep " << command.verb << ' ' << command.arguments << "\n'skep " << command.verb
            << " --help' shows options and examples.\n";
  return usage;
}

int usage_error(const Command& command, const std::string& problem) {
  return usage_error(command, Words{problem});
}

}  // namespace skep::cli
