// docs/SWARM_FILE.md is complete and right: its tables have the keys that the readers of swarm files, the gateways and
// the ready-made bees know, no others, with their types, defaults and limits; its examples are without mistakes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "known_keys.hpp"
#include "skep/actors/limits.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/limits.hpp"
#include "testing/test_run.hpp"

namespace skep {
namespace swarm_file_document_test {

using ::testing::UnorderedElementsAreArray;

const std::string path = SKEP_DOCUMENTS_DIRECTORY "/SWARM_FILE.md";

struct Row {
  std::string key, type, fallback, limits;
};

/// The tables of keys below each heading, those under one heading after each other.
class Document {
 public:
  Document() {
    std::ifstream file(path);
    std::string line, heading;
    bool in_table = false, in_example = false;
    while (std::getline(file, line)) {
      if (line.starts_with("```")) {
        in_example = line == "```toml";
        if (in_example) examples_.emplace_back();
      } else if (in_example) {
        examples_.back() += line + "\n";
      } else if (line.starts_with("#")) {
        heading = line.substr(line.find(' ') + 1);
      } else if (!line.starts_with("|")) {
        in_table = false;
      } else if (in_table && !line.starts_with("|---")) {
        tables_[heading].push_back(read_row(line));
      } else {
        in_table = in_table || line.starts_with("| Key |");
      }
    }
  }

  [[nodiscard]] const std::vector<Row>& table(const std::string& heading) const {
    static const std::vector<Row> none;
    const auto found = tables_.find(heading);
    EXPECT_NE(found, tables_.end()) << "no table under '" << heading << "'";
    return found == tables_.end() ? none : found->second;
  }
  [[nodiscard]] const std::vector<std::string>& examples() const { return examples_; }

 private:
  static Row read_row(const std::string& line) {
    std::istringstream cells(line.substr(1));
    Row row;
    for (auto* cell : {&row.key, &row.type, &row.fallback, &row.limits}) {
      std::getline(cells, *cell, '|');
      std::erase(*cell, '`');
      cell->erase(0, cell->find_first_not_of(' '));
      cell->erase(cell->find_last_not_of(' ') + 1);
    }
    return row;
  }

  std::map<std::string, std::vector<Row>> tables_;
  std::vector<std::string> examples_;
};

std::vector<std::string> keys(const std::vector<Row>& rows) {
  std::vector<std::string> keys;
  for (const auto& row : rows) keys.push_back(row.key);
  return keys;
}

TEST(SwarmFileDocumentTest, HasTheKeysOfEveryTable) {
  const Document document;
  const std::string bee = "name = \"s\"\n[bees.b]\nclass = \"c.c\"\n";
  const std::map<std::string, std::string> tables{
      {"The file", "name = \"s\"\nzzzzzzzzz = 1\n[bees]\n"},
      {"`[bees.NAME]`", bee + "from = \"g\"\nzzzzzzzzz = 1\n"},
      {"Edges", bee + "from = { bee = \"g\", zzzzzzzzz = 1 }\n"},
      {"Batch", bee + "from = \"g\"\nbatch = { zzzzzzzzz = 1 }\n"},
      {"`[supervision]`", "name = \"s\"\n[bees]\n[supervision]\nzzzzzzzzz = 1\n"},
      {"`[dead_letters]`", "name = \"s\"\n[bees]\n[dead_letters]\nzzzzzzzzz = 1\n"},
      {"`[[test]]`", "name = \"s\"\n[bees]\n[[test]]\nzzzzzzzzz = 1\n"},
      {"A step", "name = \"s\"\n[bees]\n[[test]]\nstep = [{ zzzzzzzzz = 1 }]\n"},
      {"Sending", "name = \"s\"\n[bees]\n[[test]]\nstep = [{ send = { zzzzzzzzz = 1 } }]\n"},
      {"Expecting", "name = \"s\"\n[bees]\n[[test]]\nstep = [{ expect = { zzzzzzzzz = 1 } }]\n"},
      {"Dead letters of a test", "name = \"s\"\n[bees]\n[[test]]\nstep = [{ dead_letters = { zzzzzzzzz = 1 } }]\n"},
  };
  for (const auto& [heading, text] : tables) {
    EXPECT_THAT(keys(document.table(heading)), UnorderedElementsAreArray(known_keys(text))) << heading;
  }
}

TEST(SwarmFileDocumentTest, HasDefaultsAndLimitsAsTheCodeHasThem) {
  const auto up_to = [](std::uint64_t min, std::uint64_t max) {
    return std::to_string(min) + " to " + std::to_string(max);
  };
  const auto times = [](std::chrono::nanoseconds max) { return "0s to " + to_string(max); };
  const SupervisorSettings supervision;
  const DeadLetterSettings letters;
  const auto parts = "up to " + std::to_string(limits::test_parts_max) + " tables";
  const auto records = parts + ", " + std::to_string(limits::test_records_max) + " records";
  const auto test_times = times(limits::test_time_most);
  const std::map<std::string, std::map<std::string, std::pair<std::string, std::string>>> wanted{
      {"The file", {{"test", {"none", "up to " + std::to_string(limits::swarm_tests_max)}}}},
      {"`[[test]]`",
       {{"name", {"required", "each once, at most " + std::to_string(limits::test_name_bytes_max) + " bytes"}},
        {"within", {"\"" + to_string(SwarmTest{}.within) + "\"", test_times}},
        {"step", {"required", up_to(1, limits::test_steps_max)}}}},
      {"A step",
       {{"send", {"none", records}},
        {"advance", {"\"" + to_string(TestStep{}.advance) + "\"", test_times}},
        {"expect", {"none", records}},
        {"dead_letters", {"none", parts}}}},
      {"Expecting", {{"nothing_for", {"one of the five", test_times}}, {"within", {"that of the test", test_times}}}},
      {"`[bees.NAME]`",
       {{"replicas", {std::to_string(BeeSpec{}.replicas), up_to(1, limits::replicas_max)}},
        {"held_records_max", {std::to_string(HeldLimits{}.records_max), up_to(1, limits::held_records_most)}},
        {"held_bytes_max", {"\"" + to_string(ByteSize{HeldLimits{}.bytes_max}) + "\"", ""}},
        {"callback_time_max", {"the node's", times(limits::node_callback_time_max)}},
        {"nodes", {"[]", "up to " + std::to_string(limits::node_labels_max) + " labels"}}}},
      {"Edges",
       {{"window", {std::to_string(limits::edge_window), up_to(1, limits::edge_window_max)}},
        {"window_bytes", {"\"" + to_string(ByteSize{limits::edge_window_bytes}) + "\"", ""}}}},
      {"Batch",
       {{"size_max",
         {"as many as came, up to " + std::to_string(limits::slice_records_max), up_to(1, limits::batch_size_max)}},
        {"delay_max", {"\"" + to_string(BatchSettings{}.delay_max) + "\"", times(limits::batch_delay_max)}}}},
      {"`[supervision]`",
       {{"intensity", {std::to_string(supervision.intensity), up_to(0, limits::restart_intensity_max)}},
        {"period",
         {"\"" + to_string(supervision.period) + "\"", "above 0s, up to " + to_string(limits::restart_period_max)}}}},
      {"`[dead_letters]`",
       {{"records_max", {std::to_string(letters.records_max), up_to(0, limits::dead_letter_records_max)}},
        {"bytes_max", {"\"" + to_string(ByteSize{letters.bytes_max}) + "\"", ""}}}},
  };
  const Document document;
  for (const auto& [heading, rows] : wanted) {
    for (const auto& row : document.table(heading)) {
      const auto found = rows.find(row.key);
      if (found == rows.end()) continue;
      EXPECT_EQ(row.fallback, found->second.first) << row.key;
      EXPECT_EQ(row.limits, found->second.second) << row.key;
    }
  }
}

/// Rows against what a class or type says of its options.
void compare(const std::vector<Row>& rows, const std::vector<OptionDescription>& options, const std::string& of) {
  std::vector<std::string> names;
  for (const auto& option : options) {
    names.push_back(option.name);
    const auto row = std::ranges::find(rows, option.name, &Row::key);
    if (row == rows.end()) continue;  // said below
    EXPECT_EQ(row->type, option.type) << of << ", " << option.name;
    const auto fallback = option.default_value.empty() ? "none" : option.default_value;
    EXPECT_EQ(row->fallback, option.rules.required ? "required" : fallback) << of << ", " << option.name;
    const auto limits = rules_text(option);
    if (!limits.empty()) {
      EXPECT_EQ(row->limits, limits) << of << ", " << option.name;
    }
  }
  EXPECT_THAT(keys(rows), UnorderedElementsAreArray(names)) << of;
}

TEST(SwarmFileDocumentTest, HasTheOptionsOfEveryReadyMadeBee) {
  const Document document;
  Catalog catalog({});
  for (const auto& name : catalog.bees().names()) {
    compare(document.table("`" + name + "`"), catalog.bees().find(name)->description.options, name);
  }
}

TEST(SwarmFileDocumentTest, HasTheOptionsOfEveryGateway) {
  const Document document;
  Catalog catalog({});
  std::vector<Row> shared, swarms_own;
  std::vector<Row> sockets{{"listen", "", "", ""},           {"public", "", "", ""},
                           {"sessions_max", "", "", ""},     {"idle_max", "", "", ""},
                           {"frame_time_max", "", "", ""},   {"tls_certificate", "", "", ""},
                           {"tls_key", "", "", ""},          {"tls_client_authorities", "", "", ""},
                           {"tls_oldest", "", "", ""},       {"tls_handshake_time_max", "", "", ""},
                           {"newcomers_max", "", "", ""},    {"tokens", "", "", ""},
                           {"tokens_file", "", "", ""},      {"address_sessions_max", "", "", ""},
                           {"address_rate", "", "", ""},     {"address_burst", "", "", ""},
                           {"wrong_tokens_max", "", "", ""}, {"threads", "", "", ""}};
  for (const auto& row : document.table("`[gateways.NAME]`")) {
    const auto socket = std::ranges::find(sockets, row.key, &Row::key);
    if (socket != sockets.end()) {
      *socket = row;
    } else {
      const bool own = row.key == "type" || row.key == "answers" || row.key == "from" || row.key == "nodes";
      (own ? swarms_own : shared).push_back(row);
    }
  }
  EXPECT_EQ(swarms_own.size(), 4u);
  std::string types;
  for (const auto& type : catalog.gateways().types()) {
    auto rows = document.table("`" + type + "`");
    rows.insert(rows.end(), shared.begin(), shared.end());
    if (type != "file") rows.insert(rows.end(), sockets.begin(), sockets.end());
    compare(rows, catalog.gateways().find(type)->description.options, type);
    types += (types.empty() ? "one of: \"" : ", \"") + type + "\"";
  }
  EXPECT_EQ(swarms_own.front().limits, types);
}

TEST(SwarmFileDocumentTest, ItsExamplesAreRight) {
  const Document document;
  ASSERT_FALSE(document.examples().empty());
  Catalog catalog({});
  const auto unset = [](const std::string&) { return std::optional<std::string>(); };
  for (const auto& example : document.examples()) {
    if (example.starts_with("[[test]]")) continue;
    const bool whole = example.starts_with("name");
    auto file = parse_swarm(whole ? example : "name = \"s\"\n" + example, "example.toml", unset);
    for (const auto& problem : whole ? catalog.check(file).problems : file.problems) {
      ADD_FAILURE() << problem.to_string() << "\n" << example;
    }
  }
}

TEST(SwarmFileDocumentTest, ItsTestsAreOfItsFirstExampleAndPass) {
  const Document document;
  Catalog catalog({});
  std::size_t ran = 0;
  for (const auto& example : document.examples()) {
    if (!example.starts_with("[[test]]")) continue;
    const auto unset = [](const std::string&) { return std::optional<std::string>(); };
    const auto checked = catalog.check(parse_swarm(document.examples().front() + example, "example.toml", unset));
    for (const auto& problem : checked.problems) ADD_FAILURE() << problem.to_string();
    for (const auto& test : checked.tests) {
      const auto result = testing::run_test(test, checked.plan);
      for (const auto& problem : result.problems)
        ADD_FAILURE() << problem.message << ::testing::PrintToString(problem.lines);
      ++ran;
    }
  }
  EXPECT_GT(ran, 0u);
}

}  // namespace swarm_file_document_test
}  // namespace skep
