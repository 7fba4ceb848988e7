#include "test_report.hpp"

#include <algorithm>

#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/json.hpp"

namespace skep::cli {
namespace {

using Kind = TestOutcome::Kind;

std::string_view word(Kind kind) {
  if (kind == Kind::ok) return "ok";
  if (kind == Kind::failed) return "FAILED";
  return kind == Kind::stopped ? "stopped" : "not run";
}

std::string_view json_word(Kind kind) {
  if (kind == Kind::ok) return "ok";
  if (kind == Kind::failed) return "failed";
  return kind == Kind::stopped ? "stopped" : "not_run";
}

bool shows_log(const TestOutcome& outcome, ShowLog log) {
  return outcome.kind == Kind::failed || outcome.kind == Kind::stopped || log == ShowLog::of_all;
}

std::size_t count(const std::vector<TestOutcome>& outcomes, Kind kind) {
  return static_cast<std::size_t>(std::ranges::count(outcomes, kind, &TestOutcome::kind));
}

std::string log_text(const testing::TestResult& result) {
  if (result.log.newest.empty()) return "";
  std::string text = "  log:\n";
  if (result.log.lost > 0) text += "    ... " + counted(result.log.lost, "line") + " before these\n";
  for (const auto& line : result.log.newest) {
    text += "    " + std::string(to_string(line.level)) + "  " + printable(line.source) + "  " + printable(line.text);
    text += '\n';
  }
  return text;
}

void write_problems(JsonWriter& json, const testing::TestResult& result) {
  json.key("problems").begin_array();
  for (const auto& problem : result.problems) {
    json.begin_object().key("line").value(problem.position.line).key("column").value(problem.position.column);
    json.key("message").value(problem.message).key("lines").begin_array();
    for (const auto& line : problem.lines) json.value(line);
    json.end_array().end_object();
  }
  json.end_array();
}

void write_log(JsonWriter& json, const testing::TestResult& result) {
  json.key("log_lines_lost").value(result.log.lost).key("log").begin_array();
  for (const auto& line : result.log.newest) {
    json.begin_object().key("level").value(to_string(line.level)).key("source").value(line.source);
    json.key("text").value(line.text).end_object();
  }
  json.end_array();
}

}  // namespace

std::string as_text(const std::string& file, const TestOutcome& outcome, ShowLog log) {
  const bool ran = outcome.kind != Kind::not_run;
  std::string text(word(outcome.kind));
  text += std::string(8 - text.size(), ' ') + printable(outcome.name);
  text += ran ? " (" + to_string(outcome.result.time) + ")\n" : "\n";
  for (const auto& problem : outcome.result.problems) {
    text += "  " + printable(file) + ":" + std::to_string(problem.position.line) + ":" +
            std::to_string(problem.position.column) + ": " + printable(problem.message) + "\n";
    for (const auto& line : problem.lines) text += "  " + line + "\n";
  }
  return shows_log(outcome, log) ? text + log_text(outcome.result) : text;
}

std::string summary(const std::vector<TestOutcome>& outcomes) {
  auto text = counted(outcomes.size(), "test") + ": " + std::to_string(count(outcomes, Kind::ok)) + " ok";
  if (const auto failed = count(outcomes, Kind::failed)) text += ", " + std::to_string(failed) + " failed";
  if (const auto stopped = count(outcomes, Kind::stopped)) text += ", " + std::to_string(stopped) + " stopped";
  if (const auto left = count(outcomes, Kind::not_run)) text += ", " + std::to_string(left) + " not run";
  return text + "\n";
}

std::string as_json(const std::string& file, const std::vector<TestOutcome>& outcomes, ShowLog log) {
  JsonWriter json;
  json.begin_object().key("file").value(file);
  json.key("ok").value(count(outcomes, Kind::ok)).key("failed").value(count(outcomes, Kind::failed));
  json.key("stopped").value(count(outcomes, Kind::stopped)).key("not_run").value(count(outcomes, Kind::not_run));
  json.key("tests").begin_array();
  for (const auto& outcome : outcomes) {
    const std::chrono::duration<double> time = outcome.result.time;
    json.begin_object().key("name").value(outcome.name).key("result").value(json_word(outcome.kind));
    json.key("line").value(outcome.position.line).key("virtual_seconds").value(time.count());
    write_problems(json, outcome.result);
    if (shows_log(outcome, log)) write_log(json, outcome.result);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace skep::cli
