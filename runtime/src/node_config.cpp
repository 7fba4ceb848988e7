#include "skep/runtime/node_config.hpp"

#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/parsers.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "cluster_reader.hpp"
#include "node_options.hpp"
#include "skep/runtime/limits.hpp"
#include "table_reader.hpp"
#include "text_file.hpp"
#include "toml_document.hpp"

namespace skep {

namespace po = boost::program_options;

namespace {

bool has_errors(const std::vector<Problem>& problems) {
  return std::ranges::any_of(problems, [](const Problem& p) { return p.severity == Problem::Severity::error; });
}

// ---- file ----

/// One setting of the file: nested tables are flattened to "log.level".
struct FileSetting {
  std::string option;
  SourcePosition key_position;
  const OptionValue* value;
};

void flatten(const OptionValue::Member& member, const std::string& prefix, std::vector<FileSetting>& settings) {
  const auto* inner = std::get_if<OptionValue::Table>(&member.value.value);
  if (inner == nullptr || inner->empty()) {
    settings.push_back({prefix + member.key, member.key_position, &member.value});
  } else {
    for (const auto& below : *inner) flatten(below, prefix + member.key + ".", settings);
  }
}

class NodeFile {
 public:
  /// Settings go into `values`, tables of the file's own into `config`.
  NodeFile(const std::string& file, po::variables_map& values, NodeConfig& config, ProblemList& problems)
      : folder_(std::filesystem::path(file).parent_path()), values_(values), config_(config), problems_(problems) {}

  void read(std::string_view text) {
    const auto root = parse_toml(text, problems_);
    if (!root) return;
    for (const auto& member : std::get<OptionValue::Table>(root->value)) read(member);
  }

 private:
  void read(const OptionValue::Member& member) {
    static const std::vector<std::string> tables{"cluster", "gateways"};
    if (member.key == "cluster") {
      config_.cluster = read_cluster(member.value, folder_, problems_);
    } else if (member.key == "gateways") {
      config_.gateways = read_gateway_addresses(member.value, problems_);
    } else if (const auto meant = nearest(member.key, tables); meant && is_table(member.value)) {
      report_unknown(member.key_position, member.key, tables);
    } else {
      std::vector<FileSetting> settings;
      flatten(member, "", settings);
      for (const auto& setting : settings) read(setting);
    }
  }

  void report_unknown(SourcePosition position, const std::string& key, const std::vector<std::string>& known) {
    problems_.error(position, "unknown key '" + key + "'", suggest(key, known));
  }

  void read(const FileSetting& setting) {
    const auto known = node_option_names();
    if (std::ranges::find(known, setting.option) == known.end()) {
      return report_unknown(setting.key_position, setting.option, known);
    }
    const auto texts = is_list(setting.option) ? paths(setting) : scalar(setting);
    if (texts.empty()) return;
    // Also where a variable or a flag goes first, so that a mistake shows wherever the file is used.
    po::variables_map alone;
    const auto wrong = store_option(setting.option, texts, alone);
    if (!wrong.empty()) return problems_.error(setting.value->position, setting.option + ": " + wrong);
    values_.insert(*alone.find(setting.option));
  }

  std::vector<std::string> scalar(const FileSetting& setting) {
    const auto& value = *setting.value;
    const bool number = is_number(setting.option);
    const bool size = is_size(setting.option);
    if (const auto* text = std::get_if<std::string>(&value.value); text != nullptr && !number) return {*text};
    if (const auto* integer = std::get_if<std::int64_t>(&value.value); integer != nullptr && (number || size)) {
      return {std::to_string(*integer)};
    }
    report_type(value,
                "'" + setting.option + "' to be " +
                    (number ? "an integer"
                     : size ? "a size such as \"256MiB\""
                            : "a string"),
                problems_);
    return {};
  }

  std::vector<std::string> paths(const FileSetting& setting) {
    const auto* list = std::get_if<OptionValue::Array>(&setting.value->value);
    if (list == nullptr) report_type(*setting.value, "'" + setting.option + "' to be a list of paths", problems_);
    std::vector<std::string> paths;
    for (const auto& element : list == nullptr ? OptionValue::Array{} : *list) {
      const auto* path = std::get_if<std::string>(&element.value);
      if (path == nullptr || path->empty()) {
        report_type(element, "a path", problems_);
      } else {
        paths.push_back((folder_ / *path).lexically_normal());
      }
    }
    return paths;
  }

  std::filesystem::path folder_;
  po::variables_map& values_;
  NodeConfig& config_;
  ProblemList& problems_;
};

// ---- environment ----

std::vector<std::string> split_paths(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find(':', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void read_environment(const Environment& environment, po::variables_map& values, std::vector<Problem>& problems) {
  for (const auto& option : node_option_names()) {
    const auto variable = variable_of(option);
    const auto text = environment ? environment(variable) : std::nullopt;
    if (!text || text->empty()) continue;
    const auto texts = is_list(option) ? split_paths(*text) : std::vector{*text};
    const auto wrong = texts.empty() ? std::string{} : store_option(option, texts, values);
    if (!wrong.empty()) {
      problems.push_back({Problem::Severity::error, "environment", {}, variable + ": " + wrong, {}});
    }
  }
}

// ---- command line ----

std::vector<std::string> flags(const std::vector<std::string>& without) {
  std::vector<std::string> flags;
  for (const auto& setting : node_settings(without)) flags.push_back("--" + setting.name);
  return flags;
}

/// The flag in an argument: "--name=x" to "--name".
std::string flag_of(const std::string& token) {
  return token.substr(0, token.find('='));
}

class CommandLine {
 public:
  CommandLine(po::variables_map& values, std::vector<Problem>& problems, const std::vector<std::string>& without)
      : values_(values), problems_(problems), without_(without) {}

  void read(const std::vector<std::string>& arguments) {
    po::options_description taken;
    for (const auto& option : node_options().options()) {
      if (!is_without(option->long_name())) taken.add(option);
    }
    using Style = po::command_line_style::style_t;
    const int style = Style::allow_long | Style::long_allow_adjacent | Style::long_allow_next;
    try {
      const auto parsed = po::command_line_parser(arguments).options(taken).style(style).allow_unregistered().run();
      for (const auto& option : parsed.options) take(option);
    } catch (const po::error& error) {
      report(error.what());
    }
    for (const auto& [option, texts] : texts_) {
      const auto wrong = store_option(option, texts, values_);
      if (!wrong.empty()) report("--" + option + ": " + wrong);
    }
  }

 private:
  [[nodiscard]] bool is_without(const std::string& option) const {
    return std::ranges::find(without_, option) != without_.end();
  }

  void take(const po::option& option) {
    const auto& token = option.original_tokens.front();
    const auto flag = flag_of(token);
    const bool may_be_value = std::exchange(unknown_before_, option.unregistered && flag == token);
    if (option.unregistered && flag.starts_with("--") && is_without(flag.substr(2))) {
      report("'" + flag + "' is not taken here");
    } else if (option.unregistered || (token.starts_with('-') && token.size() > 1 && option.string_key.empty())) {
      report("unknown option '" + flag + "'", suggest(flag, flags(without_)));
    } else if (option.position_key >= 0 || option.string_key.empty()) {
      if (!may_be_value) report("unexpected argument '" + token + "'");
    } else {
      auto& texts = texts_[option.string_key];
      texts.insert(texts.end(), option.value.begin(), option.value.end());
    }
  }

  void report(std::string message, std::string suggestion = {}) {
    problems_.push_back({Problem::Severity::error, {}, {}, std::move(message), std::move(suggestion)});
  }

  po::variables_map& values_;
  std::vector<Problem>& problems_;
  const std::vector<std::string>& without_;
  bool unknown_before_ = false;  ///< the word before is an option that is reported: this one may be its value
  std::map<std::string, std::vector<std::string>> texts_;
};

NodeConfigResult read_all(const std::string* text, ProblemList file_problems, const std::string& file,
                          const Environment& environment, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& without) {
  NodeConfigResult result;
  po::variables_map values;  // what is in it first, stays: rising precedence is read from the top
  CommandLine(values, result.usage, without).read(arguments);
  std::vector<Problem> variables;
  read_environment(environment, values, variables);
  NodeConfig tables;
  if (text != nullptr) NodeFile(file, values, tables, file_problems).read(*text);
  result.problems = std::move(file_problems).take();
  result.problems.insert(result.problems.end(), variables.begin(), variables.end());
  result.config = node_config_from(values);
  result.config.file = file;
  result.config.cluster = std::move(tables.cluster);
  result.config.gateways = std::move(tables.gateways);
  return result;
}

}  // namespace

bool NodeConfigResult::ok() const noexcept {
  return !has_errors(problems) && !has_errors(usage);
}

NodeConfigResult parse_node_config(std::string_view text, const std::string& file, const Environment& environment,
                                   const std::vector<std::string>& arguments) {
  const std::string copy(text);
  return read_all(&copy, ProblemList(file), file, environment, arguments, {});
}

NodeConfigResult read_node_config(const std::string& file, const Environment& environment,
                                  const std::vector<std::string>& arguments, const std::vector<std::string>& without) {
  ProblemList problems(file);
  if (file.empty()) return read_all(nullptr, std::move(problems), file, environment, arguments, without);
  const auto text = read_text_file(file, limits::node_file_bytes_max);
  if (!text) problems.error({}, text.error().message);
  return read_all(text ? &*text : nullptr, std::move(problems), file, environment, arguments, without);
}

std::vector<Problem> check_variables(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const auto& option : node_option_names()) known.push_back(variable_of(option));
  std::vector<Problem> problems;
  for (const auto& name : names) {
    if (!name.starts_with("SKEP_") || std::ranges::find(known, name) != known.end()) continue;
    problems.push_back({Problem::Severity::warning,
                        "environment",
                        {},
                        "the variable '" + name + "' sets nothing",
                        suggest(name, known)});
  }
  return problems;
}

}  // namespace skep
