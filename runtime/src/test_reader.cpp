#include "test_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "skep/serialization/counted.hpp"
#include "table_reader.hpp"
#include "test_places.hpp"

namespace skep {
namespace {

constexpr std::array told_codes{errc::bad_record, errc::too_large, errc::overloaded, errc::deadline_exceeded,
                                errc::bee_failed, errc::rejected,  errc::dropped,    errc::unavailable};

// Keys of which a table has one.
constexpr std::array forms{"records", "hex", "tensors"};
constexpr std::array expectations{"records", "hex", "tensors", "errors", "nothing_for"};

std::optional<errc> code_from(std::string_view text) {
  const auto found = std::ranges::find(told_codes, text, [](errc code) { return to_string(code); });
  return found == told_codes.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::string> code_names() {
  std::vector<std::string> names;
  for (const auto code : told_codes) names.emplace_back(to_string(code));
  return names;
}

class TestReader {
 public:
  TestReader(const SwarmSpec& spec, ProblemList& problems) : places_(spec, problems), problems_(problems) {}

  std::vector<SwarmTest> read(const OptionValue& value) {
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    if (list == nullptr) {
      report_no_list(value, "'test' to be a list of tables", "each test begins with [[test]]");
      return {};
    }
    std::vector<SwarmTest> tests;
    for (const auto& element : *list) {
      if (tests.size() >= limits::swarm_tests_max) {
        problems_.error(element.position, "more than " + counted(limits::swarm_tests_max, "test") + " in one file");
        break;
      }
      if (is_table(element, "a table for a test")) tests.push_back(test(element));
    }
    return tests;
  }

 private:
  bool is_table(const OptionValue& value, std::string_view expected) {
    if (std::holds_alternative<OptionValue::Table>(value.value)) return true;
    report_type(value, expected, problems_);
    return false;
  }

  void report_no_list(const OptionValue& value, const std::string& expected, const std::string& suggestion) {
    if (std::holds_alternative<std::monostate>(value.value)) return;
    problems_.error(value.position, "expected " + expected + ", got " + std::string(kind_of(value)), suggestion);
  }

  SwarmTest test(const OptionValue& value) {
    TableReader reader(value, "a test", value.position, problems_);
    SwarmTest test{.position = value.position};
    if (const auto* name = reader.require("name", "\"what it shows\"")) read_name(reader, *name, test);
    test.starts_at = starts_at(reader);
    if (const auto within = reader.duration("within", limits::test_time_most)) test.within = *within;
    places_.begin_test();
    drained_ = false;
    if (const auto* steps = reader.require("step", "[{ send = ..., expect = ... }]")) read_steps(steps->value, test);
    reader.report_unknown_keys();
    check_time(test);
    return test;
  }

  void read_name(TableReader& reader, const TableReader::Member& member, SwarmTest& test) {
    test.name = reader.text("name").value_or("");
    const auto& at = member.value.position;
    if (!std::holds_alternative<std::string>(member.value.value)) return;
    if (test.name.empty()) problems_.error(at, "a test's name is empty");
    if (test.name.size() > limits::test_name_bytes_max) {
      problems_.error(at, "a test's name has more than " + std::to_string(limits::test_name_bytes_max) + " bytes");
    }
    if (!test.name.empty() && !names_.insert(test.name).second) {
      problems_.error(at, "a test before this one is called '" + test.name + "' too");
    }
  }

  std::optional<std::chrono::milliseconds> starts_at(TableReader& reader) {
    constexpr std::int64_t last = 4'102'444'800'000;  // 2100
    const auto* member = reader.find("starts_at");
    if (member == nullptr) return std::nullopt;
    const auto* time = std::get_if<std::int64_t>(&member->value.value);
    if (time == nullptr) {
      report_type(member->value, "'starts_at' to be an integer: milliseconds since 1970", problems_);
    } else if (*time < 0 || *time > last) {
      problems_.error(member->value.position, "'starts_at' is " + std::to_string(*time) + ", out of range",
                      "milliseconds since 1970, up to " + std::to_string(last));
    } else {
      return std::chrono::milliseconds(*time);
    }
    return std::nullopt;
  }

  void read_steps(const OptionValue& value, SwarmTest& test) {
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    if (list == nullptr) {
      return report_no_list(value, "'step' to be a list of tables", "each step begins with [[test.step]]");
    }
    if (list->empty()) problems_.error(value.position, "a test without a step shows nothing");
    for (const auto& element : *list) {
      if (test.steps.size() >= limits::test_steps_max) {
        return problems_.error(element.position, "more than " + counted(limits::test_steps_max, "step") + " in a test");
      }
      if (is_table(element, "a table for a step")) test.steps.push_back(step(element, test.within));
    }
  }

  TestStep step(const OptionValue& value, std::chrono::nanoseconds within) {
    TableReader reader(value, "a step", value.position, problems_);
    TestStep step{.position = value.position};
    records_ = 0;
    for (const auto* part : parts(reader, "send")) step.sends.push_back(send(*part));
    step.advance = reader.duration("advance", limits::test_time_most).value_or(step.advance);
    step.drain = flag(reader, "drain", false);
    drained_ = drained_ || step.drain;
    records_ = 0;
    for (const auto* part : parts(reader, "expect")) step.expects.push_back(expect(*part, step, within));
    for (const auto* part : parts(reader, "dead_letters")) step.dead_letters.push_back(dead_letter(*part));
    reader.report_unknown_keys();
    if (std::get<OptionValue::Table>(value.value).empty() && !problems_.lines_missing) {
      problems_.error(value.position, "a step that does nothing", "send, advance, drain, expect or dead_letters");
    }
    return step;
  }

  /// A table, or a list of them.
  std::vector<const OptionValue*> parts(TableReader& reader, std::string_view key) {
    const auto* member = reader.find(key);
    std::vector<const OptionValue*> tables;
    if (member == nullptr) return tables;
    const auto expected = "'" + std::string(key) + "' to be a table or a list of tables";
    const auto* list = std::get_if<OptionValue::Array>(&member->value.value);
    if (list == nullptr) {
      if (is_table(member->value, expected)) tables.push_back(&member->value);
      return tables;
    }
    if (list->empty()) problems_.error(member->value.position, "'" + std::string(key) + "' has nothing in it");
    if (list->size() > limits::test_parts_max) {
      problems_.error(member->value.position,
                      "more than " + std::to_string(limits::test_parts_max) + " tables in '" + std::string(key) + "'");
      return tables;
    }
    for (const auto& element : *list) {
      if (is_table(element, expected)) tables.push_back(&element);
    }
    return tables;
  }

  TestSend send(const OptionValue& value) {
    TableReader reader(value, "'send'", value.position, problems_);
    TestSend send{.position = value.position};
    send.gateway = places_.source(reader, value.position);
    send.session = reader.text("session").value_or("");
    send.together = flag(reader, "together", false);
    send.records = records(reader, TestTensorAs::bytes);
    const bool none = std::ranges::none_of(forms, [&](const char* key) { return reader.find(key) != nullptr; });
    if (none) static_cast<void>(reader.require("records", "[...]"));
    reader.report_unknown_keys();
    if (drained_) problems_.error(value.position, "nothing can be sent after 'drain': the gateways are closed");
    places_.check_lines(send);
    places_.sent(send);
    return send;
  }

  /// Of the one key of `forms` that is there.
  std::vector<TestRecord> records(TableReader& reader, TestTensorAs tensors) {
    const TableReader::Member* member = nullptr;
    for (const auto* key : forms) {
      const auto* found = reader.find(key);
      if (found == nullptr) continue;
      if (member != nullptr) {
        problems_.error(found->key_position, "'" + member->key + "' and '" + found->key + "' in one table",
                        "one table for each, in a list");
      } else {
        member = found;
      }
    }
    std::vector<TestRecord> records;
    const auto* list = member != nullptr ? list_of_records(*member) : nullptr;
    if (list == nullptr) return records;
    for (const auto& element : *list) {
      if (member->key == "records") records.push_back(read_test_record(element, problems_));
      if (member->key == "hex") records.push_back(read_test_hex(element, problems_));
      if (member->key == "tensors") records.push_back(read_test_tensor(element, tensors, problems_));
    }
    return records;
  }

  const OptionValue::Array* list_of_records(const TableReader::Member& member) {
    const auto* list = std::get_if<OptionValue::Array>(&member.value.value);
    if (list == nullptr) {
      report_no_list(member.value, "'" + member.key + "' to be a list", member.key + " = [...]");
      return nullptr;
    }
    if (list->empty()) problems_.error(member.value.position, "'" + member.key + "' has nothing in it");
    records_ += list->size();
    if (records_ <= limits::test_records_max) return list;
    problems_.error(member.value.position, "more than " + std::to_string(limits::test_records_max) +
                                               " records sent, or expected, by one step");
    return nullptr;
  }

  TestExpect expect(const OptionValue& value, const TestStep& step, std::chrono::nanoseconds within) {
    TableReader reader(value, "'expect'", value.position, problems_);
    TestExpect expect{.within = within, .position = value.position};
    expect.what = what(reader, value);
    places_.fill(reader, step, expect);
    expect.records = records(reader, TestTensorAs::json);
    if (const auto* errors = reader.find("errors")) expect.errors = read_errors(errors->value);
    expect.match = match(reader, expect);
    if (const auto time = reader.duration("within", limits::test_time_most)) expect.within = *time;
    if (const auto time = reader.duration("nothing_for", limits::test_time_most)) expect.within = *time;
    reader.report_unknown_keys();
    return expect;
  }

  /// One of four keys.
  TestExpect::What what(TableReader& reader, const OptionValue& value) {
    int given = 0;
    for (const auto* key : expectations) given += reader.find(key) != nullptr ? 1 : 0;
    if (given != 1 && !problems_.lines_missing && !misspells(reader)) {
      problems_.error(value.position, given == 0 ? "'expect' does not say what" : "'expect' says several things",
                      "one of: records, hex, tensors, errors, nothing_for");
    }
    if (reader.find("errors") != nullptr) return TestExpect::What::errors;
    const auto* nothing = reader.find("nothing_for");
    if (nothing != nullptr && reader.find("within") != nullptr) {
      problems_.error(reader.find("within")->key_position, "'within' is for what comes", "nothing_for has a time");
    }
    return nothing != nullptr ? TestExpect::What::nothing : TestExpect::What::records;
  }

  static bool misspells(TableReader& reader) {
    return std::ranges::any_of(expectations, [&](const char* key) { return reader.misspelt(key) != nullptr; });
  }

  TestMatch match(TableReader& reader, const TestExpect& expect) {
    const auto is_any = [](std::string_view text) { return std::optional(text == "any"); };
    const auto is_contains = [](std::string_view text) { return std::optional(text == "contains"); };
    TestMatch match;
    match.any_order = reader.choice<bool>("order", {"same", "any"}, is_any).value_or(false);
    match.contains = reader.choice<bool>("match", {"exact", "contains"}, is_contains).value_or(false);
    match.tolerance = tolerance(reader);
    for (const auto* key : {"order", "match", "tolerance"}) {
      const auto* member = reader.find(key);
      if (member == nullptr || expect.what == TestExpect::What::records) continue;
      problems_.error(member->key_position, "'" + std::string(key) + "' is for records");
    }
    const bool loose = match.any_order && (match.contains || match.tolerance > 0);
    if (loose && expect.records.size() > limits::test_loose_records_max) {
      problems_.error(expect.position,
                      "more than " + std::to_string(limits::test_loose_records_max) +
                          " records in any order that need not be exact",
                      "fewer at a time, in the same order, or exact ones");
    }
    return match;
  }

  double tolerance(TableReader& reader) {
    const auto* member = reader.find("tolerance");
    if (member == nullptr) return 0;
    const auto* integer = std::get_if<std::int64_t>(&member->value.value);
    const auto* number = std::get_if<double>(&member->value.value);
    if (integer == nullptr && number == nullptr) {
      report_type(member->value, "'tolerance' to be a number", problems_);
      return 0;
    }
    const auto tolerance = number != nullptr ? *number : static_cast<double>(*integer);
    if (std::isfinite(tolerance) && tolerance >= 0) return tolerance;
    problems_.error(member->value.position, "'tolerance' is out of range", "a number from 0 on");
    return 0;
  }

  std::vector<TestError> read_errors(const OptionValue& value) {
    std::vector<TestError> errors;
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    if (list == nullptr) {
      report_no_list(value, "'errors' to be a list", "errors = [\"bad_record\"]");
      return errors;
    }
    if (list->empty()) problems_.error(value.position, "'errors' has nothing in it", "nothing_for = \"1s\"");
    records_ += list->size();
    if (records_ > limits::test_records_max) {
      problems_.error(value.position,
                      "more than " + std::to_string(limits::test_records_max) + " errors expected by one step");
      return errors;
    }
    for (const auto& element : *list) errors.push_back(error(element));
    return errors;
  }

  TestError error(const OptionValue& value) {
    TestError error{.position = value.position};
    if (std::holds_alternative<std::string>(value.value)) {
      error.code = code(value).value_or(error.code);
    } else if (is_table(value, "the code of an error, or a table with `code` and `message`")) {
      TableReader reader(value, "an error", value.position, problems_);
      if (const auto* member = reader.require("code", "\"bad_record\"")) {
        error.code = code(member->value).value_or(error.code);
      }
      error.message_part = reader.text("message").value_or("");
      reader.report_unknown_keys();
    }
    return error;
  }

  std::optional<errc> code(const OptionValue& value) {
    const auto* text = std::get_if<std::string>(&value.value);
    if (text == nullptr) {
      report_type(value, "the code of an error", problems_);
      return std::nullopt;
    }
    const auto code = code_from(*text);
    if (!code) problems_.error(value.position, "unknown error '" + *text + "'", suggest(*text, code_names()));
    return code;
  }

  TestDeadLetter dead_letter(const OptionValue& value) {
    TableReader reader(value, "a dead letter", value.position, problems_);
    TestDeadLetter letter{.position = value.position};
    if (const auto* bee = reader.require("bee", "\"...\"")) {
      if (const auto name = reader.text("bee")) {
        letter.bee = *name;
        places_.check_bee(letter.bee, bee->value);
      }
    }
    if (const auto* member = reader.find("code")) letter.code = code(member->value);
    letter.reason_part = reader.text("reason").value_or("");
    reader.report_unknown_keys();
    return letter;
  }

  bool flag(TableReader& reader, std::string_view key, bool fallback) {
    const auto* member = reader.find(key);
    if (member == nullptr) return fallback;
    if (const auto* flag = std::get_if<bool>(&member->value.value)) return *flag;
    report_type(member->value, "'" + std::string(key) + "' to be true or false", problems_);
    return fallback;
  }

  void check_time(const SwarmTest& test) {
    std::chrono::nanoseconds all{};
    const auto add = [&all](std::chrono::nanoseconds time) {  // none is more than the limit: no sum overflows
      if (all <= limits::test_time_most) all += time;
    };
    for (const auto& step : test.steps) {
      add(step.advance);
      for (const auto& expect : step.expects) add(expect.within);
      if (!step.dead_letters.empty()) add(test.within);
    }
    if (all <= limits::test_time_most) return;
    problems_.error(test.position, "a test that takes more than " + to_string(limits::test_time_most),
                    "the sum of its 'advance', 'within' and 'nothing_for'");
  }

  TestPlaces places_;
  ProblemList& problems_;
  std::set<std::string> names_;  ///< of tests
  std::size_t records_ = 0;      ///< sent, or expected, by this step
  bool drained_ = false;         ///< by this test
};

}  // namespace

std::vector<SwarmTest> read_tests(const OptionValue& value, const SwarmSpec& spec, ProblemList& problems) {
  return TestReader(spec, problems).read(value);
}

}  // namespace skep
