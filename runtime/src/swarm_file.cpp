#include "skep/runtime/swarm_file.hpp"

#include <algorithm>
#include <filesystem>

#include "edge_reader.hpp"
#include "label_reader.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/runtime/limits.hpp"
#include "substitution.hpp"
#include "supervision_reader.hpp"
#include "table_reader.hpp"
#include "test_reader.hpp"
#include "text_file.hpp"
#include "toml_document.hpp"

namespace skep {

namespace {

std::optional<Execution> execution_from(std::string_view text) {
  if (text == "shared") return Execution::shared;
  if (text == "dedicated") return Execution::dedicated;
  return std::nullopt;
}

std::optional<Delivery> delivery_from(std::string_view text) {
  if (text == "at_most_once") return Delivery::at_most_once;
  if (text == "at_least_once") return Delivery::at_least_once;
  return std::nullopt;
}

class SwarmReader {
 public:
  SwarmReader(SwarmFile& file, ProblemList& problems)
      : file_(file),
        spec_(file.spec),
        directory_(std::filesystem::path(file.spec.file).parent_path()),
        problems_(problems) {}

  void read(const OptionValue& root) {
    TableReader reader(root, "the swarm", {1, 1}, problems_);
    if (reader.require("name", "\"...\"") != nullptr) read_name(root, reader);
    if (const auto* plugins = reader.find("plugins")) read_plugins(plugins->value);
    if (reader.misspelt("plugins") != nullptr) file_.gaps.plugins = true;
    const auto delivery = reader.choice("delivery", {"at_most_once", "at_least_once"}, delivery_from);
    spec_.delivery = delivery.value_or(spec_.delivery);
    if (const auto* gateways = reader.find("gateways")) read_gateways(gateways->value);
    if (const auto* bees = reader.find("bees")) read_bees(bees->value);
    if (const auto* supervision = reader.find("supervision")) read_supervision(supervision->value, spec_, problems_);
    if (const auto* letters = reader.find("dead_letters")) read_dead_letters(letters->value, spec_, problems_);
    if (const auto* tests = reader.find("test")) file_.tests = read_tests(tests->value, spec_, problems_);
    reader.report_unknown_keys();
    if (!problems_.lines_missing && !names_something(reader, "gateways") && !names_something(reader, "bees")) {
      problems_.error({1, 1}, "the swarm has neither bees nor gateways",
                      reader.find("swarms") != nullptr ? "a node file? skep node --config starts it" : "");
    }
    check_unique_names();
  }

 private:
  static bool names_something(TableReader& reader, std::string_view key) {
    return reader.find(key) != nullptr || reader.misspelt(key) != nullptr;
  }

  void read_name(const OptionValue& root, TableReader& reader) {
    const auto name = reader.text("name");
    if (!name) return;
    check_name(*name, "a swarm", root.find("name")->position, problems_);
    spec_.name = *name;
  }

  void read_plugins(const OptionValue& value) {
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    file_.gaps.plugins = list == nullptr;
    if (list == nullptr) return report_type(value, "'plugins' to be a list of names", problems_);
    for (const auto& element : *list) {
      auto plugin = read_plugin(element);
      if (plugin) check_name(plugin->name, "a plug-in", plugin->position, problems_);
      const bool known = plugin && is_name(plugin->name);
      if (known) spec_.plugins.push_back(std::move(*plugin));
      if (!known) file_.gaps.plugins = true;
    }
  }

  /// A name, or a table with a name and the SHA-256 of the file.
  std::optional<PluginSpec> read_plugin(const OptionValue& value) {
    if (const auto* name = std::get_if<std::string>(&value.value)) return PluginSpec{*name, value.position};
    if (!std::holds_alternative<OptionValue::Table>(value.value)) {
      report_type(value, "the name of a plug-in", problems_);
      return std::nullopt;
    }
    TableReader reader(value, "a plug-in", value.position, problems_);
    const auto* named = reader.require("name", "\"...\"");
    const auto name = reader.text("name");
    const auto sha256 = reader.text("sha256");
    reader.report_unknown_keys();
    if (sha256 && !is_sha256(*sha256)) {
      problems_.error(value.find("sha256")->position, "'sha256' is 64 hex digits", "sha256sum prints them");
    }
    if (!name) return std::nullopt;
    return PluginSpec{*name, named->value.position, sha256.value_or("")};
  }

  /// Calls `read` with each table of `[what.*]`, as long as there are not too many.
  template <class Read>
  void read_each(const OptionValue& value, std::string_view what, Read read) {
    const auto* tables = std::get_if<OptionValue::Table>(&value.value);
    if (tables == nullptr) return report_type(value, "a table for each of the " + std::string(what) + "s", problems_);
    for (const auto& member : *tables) {
      if (spec_.bees.size() + spec_.gateways.size() >= limits::swarm_bees_max) return report_too_many(member);
      check_name(member.key, "a " + std::string(what), member.key_position, problems_);
      if (std::holds_alternative<OptionValue::Table>(member.value.value)) {
        read(member);
      } else {
        report_type(member.value, "a table for " + std::string(what) + " '" + member.key + "'", problems_);
      }
    }
  }

  void report_too_many(const TableReader::Member& member) {
    problems_.error(member.key_position,
                    "more than " + std::to_string(limits::swarm_bees_max) + " bees and gateways in one swarm");
  }

  void read_gateways(const OptionValue& value) {
    read_each(value, "gateway",
              [this](const TableReader::Member& member) { spec_.gateways.push_back(gateway(member)); });
  }

  void read_bees(const OptionValue& value) {
    read_each(value, "bee", [this](const TableReader::Member& member) { spec_.bees.push_back(bee(member)); });
  }

  GatewaySpec gateway(const TableReader::Member& member) {
    GatewaySpec gateway{.name = member.key, .position = member.key_position};
    TableReader reader(member.value, "gateway '" + member.key + "'", member.key_position, problems_);
    if (const auto* type = reader.require("type", "\"tcp\"")) {
      gateway.type_position = type->value.position;
    } else if (const auto* wrong = reader.misspelt("type")) {
      problems_.error(wrong->key_position, "unknown key '" + wrong->key + "' in gateway '" + member.key + "'",
                      "did you mean 'type'?");
    }
    gateway.type = reader.text("type").value_or("");
    if (const auto* answers = reader.find("answers")) gateway.answers_position = answers->value.position;
    gateway.answers = reader.text("answers").value_or("");
    if (const auto* from = reader.find("from")) gateway.from = read_edges(from->value, problems_);
    read_nodes(reader, gateway);
    refuse_supervision_keys(std::get<OptionValue::Table>(member.value.value), problems_);
    gateway.options = own_options(member.value);
    return gateway;
  }

  /// What the swarm does not know of a gateway's keys belongs to the gateway.
  OptionValue own_options(const OptionValue& value) const {
    OptionValue options{.value = OptionValue::Table{}, .position = value.position, .directory = directory_};
    std::ranges::copy_if(std::get<OptionValue::Table>(value.value),
                         std::back_inserter(std::get<OptionValue::Table>(options.value)),
                         [](const TableReader::Member& member) {
                           return member.key != "type" && member.key != "answers" && member.key != "from" &&
                                  member.key != "nodes" && !is_supervision_key(member.key);
                         });
    return options;
  }

  BeeSpec bee(const TableReader::Member& member) {
    BeeSpec bee{.name = member.key, .position = member.key_position};
    TableReader reader(member.value, "bee '" + member.key + "'", member.key_position, problems_);
    if (const auto* name = reader.require("class", "\"...\"")) bee.class_position = name->value.position;
    bee.bee_class = reader.text("class").value_or("");
    const auto* from = reader.require("from", "\"...\", what it reads");
    bee.from = from != nullptr ? read_edges(from->value, problems_) : std::vector{unreadable_edge(member.key_position)};
    bee.replicas = reader.count("replicas", 1, limits::replicas_max).value_or(bee.replicas);
    bee.execution = reader.choice("execution", {"shared", "dedicated"}, execution_from).value_or(bee.execution);
    bee.restart = read_restart(reader);
    bee.callback_time_max = reader.duration("callback_time_max", limits::node_callback_time_max);
    if (const auto* batch = reader.find("batch")) bee.batch = batch_settings(batch->value);
    read_held(reader, bee);
    read_nodes(reader, bee);
    if (const auto* options = reader.find("options")) bee.options = options->value;
    check_options(bee.options);
    reader.report_unknown_keys();
    return bee;
  }

  /// Labels, of a bee or a gateway.
  template <class Spec>
  void read_nodes(TableReader& reader, Spec& spec) {
    const auto* nodes = reader.find("nodes");
    if (nodes == nullptr) return;
    spec.nodes = read_labels(nodes->value, "nodes", problems_);
    spec.nodes_position = nodes->value.position;
  }

  static void read_held(TableReader& reader, BeeSpec& bee) {
    for (const auto* key : {"held_bytes_max", "held_records_max"}) {
      if (const auto* member = reader.find(key)) bee.held_position = member->key_position;
    }
    bee.held.records_max =
        reader.count("held_records_max", 1, limits::held_records_most).value_or(bee.held.records_max);
    bee.held.bytes_max = reader.bytes("held_bytes_max").value_or(bee.held.bytes_max);
  }

  BatchSettings batch_settings(const OptionValue& value) {
    BatchSettings batch;
    if (!std::holds_alternative<OptionValue::Table>(value.value)) {
      report_type(value, "a table such as { size_max = 32, delay_max = \"2ms\" }", problems_);
      return batch;
    }
    TableReader reader(value, "'batch'", value.position, problems_);
    batch.size_max = reader.count("size_max", 1, limits::batch_size_max).value_or(batch.size_max);
    batch.delay_max = reader.duration("delay_max", limits::batch_delay_max).value_or(batch.delay_max);
    reader.report_unknown_keys();
    return batch;
  }

  void check_options(OptionValue& options) {
    if (!std::holds_alternative<OptionValue::Table>(options.value)) {
      report_type(options, "'options' to be a table", problems_);
      options.value = std::monostate{};
    }
    options.directory = directory_;
  }

  void check_unique_names() {
    for (const auto& bee : spec_.bees) {
      const auto* gateway = spec_.gateway(bee.name);
      if (gateway == nullptr) continue;
      problems_.error(std::max(bee.position, gateway->position),
                      "'" + bee.name + "' names a bee and a gateway; names are unique in a swarm");
    }
  }

  SwarmFile& file_;
  SwarmSpec& spec_;
  std::string directory_;
  ProblemList& problems_;
};

}  // namespace

SwarmFile parse_swarm(std::string_view text, std::string file, const Environment& environment) {
  SwarmFile result;
  result.spec.file = file;
  ProblemList problems(std::move(file));
  if (text.size() > limits::swarm_file_bytes_max) {
    problems.error({}, "is over " + std::to_string(limits::swarm_file_bytes_max) + " bytes, the limit for such a file");
  } else if (auto root = parse_toml_lines(text, problems); root) {
    substitute(*root, environment, limits::swarm_file_bytes_max, problems);
    SwarmReader(result, problems).read(*root);
    result.gaps.lines = problems.lines_missing;
  }
  result.problems = std::move(problems).take();
  return result;
}

SwarmFile read_swarm(const std::string& path, const Environment& environment) {
  const auto text = read_text_file(path, limits::swarm_file_bytes_max);
  if (text) return parse_swarm(*text, path, environment);
  SwarmFile result;
  result.spec.file = path;
  result.gaps.lines = true;
  const auto* unnamed = path.empty() ? "a file without a name " : "";
  result.problems.push_back({Problem::Severity::error, path, {}, unnamed + text.error().message, {}});
  return result;
}

}  // namespace skep
