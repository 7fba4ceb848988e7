// skep test <swarm.toml>: the tests that stand in a swarm file, on virtual time.

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "output_form.hpp"
#include "plugin_options.hpp"
#include "process_memory.hpp"
#include "skep/actors/option.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/node_config.hpp"
#include "skep/runtime/printable.hpp"
#include "surroundings.hpp"
#include "test_report.hpp"
#include "test_watch.hpp"

namespace skep::cli {
namespace {

using std::chrono::nanoseconds;

options::options_description table() {
  options::options_description table;
  table.add_options()("only", options::value<Words>()->composing()->value_name("NAME"),
                      "runs the test of this name; may be repeated (default: all)");
  table.add_options()("time-max", options::value<std::string>()->default_value("60s", "")->value_name("DURATION"),
                      "real time that one test may take, up to 1h (default: 60s)");
  table.add_options()("memory-max", options::value<std::string>()->value_name("SIZE"),
                      "memory of this process: at 95 % of it the tests end; 0: none (default: what there is)");
  table.add_options()("log", "shows the log of every test, not of those that fail only");
  add_plugin_options(table);
  add_output_option(table);
  return table;
}

std::string help() {
  return "Runs the [[test]] tables of a swarm file: what they send, what they expect, and what came instead. Each "
         "starts "
         "a\nswarm of its own, in this process, without sockets and files, and with a clock that does not wait. Bees "
         "and "
         "models\nare the real ones.\n\nExits with 0 if all tests pass, 1 if one fails, 3 if the file cannot be "
         "used. On SIGTERM or\nCtrl-C it stops, says what has come of the tests so far and which one was running, and "
         "exits with 1; a\nsecond one stops at once.\n\n"
         "Options:\n" +
         to_string(table()) +
         "\nExamples:\n  skep test hello.toml\n  skep test hello.toml --plugins build/plugins --only \"greets by "
         "name\"\n  skep test hello.toml -o json\n";
}

struct Wanted {
  std::string file;
  Words only{};
  TestWatch::Settings watch{};
  OutputForm form = OutputForm::text;
  ShowLog log = ShowLog::of_failed;
};

Result<nanoseconds> time_max_of(const std::string& text) {
  const auto time = parse_duration(text);
  if (time && time->count() > 0 && *time <= limits::test_wall_time_most) return *time;
  return Error{errc::invalid_argument, "--time-max is no duration from 1ns to " +
                                           skep::to_string(nanoseconds(limits::test_wall_time_most)) + ": '" + text +
                                           "'"};
}

/// As given, else as for `skep run`: of the environment, or what the cgroup or the machine has.
Result<std::size_t> memory_max_of(const Arguments& arguments) {
  if (arguments.values.count("memory-max") == 0) {
    const auto read = read_node_config({}, process_environment(), {});
    if (!read.ok()) return Error{errc::invalid_argument, read.problems.front().to_string()};
    return detail::memory_budget(read.config.memory_max);
  }
  const auto& text = arguments.values["memory-max"].as<std::string>();
  const auto size = parse_byte_size(text);
  if (size && (size->bytes == 0 || size->bytes >= limits::node_memory_min)) return std::size_t{size->bytes};
  return Error{errc::invalid_argument, "--memory-max is no size from " +
                                           skep::to_string(ByteSize{limits::node_memory_min}) +
                                           " on, or 0 for no budget: '" + text + "'"};
}

Result<Wanted> wanted_from(const Arguments& arguments) {
  if (arguments.files.size() != 1) return Error{errc::invalid_argument, "which swarm file? It takes one"};
  Wanted wanted{.file = arguments.files.front()};
  if (arguments.values.count("only") != 0) wanted.only = arguments.values["only"].as<Words>();
  const auto time_max = time_max_of(arguments.values["time-max"].as<std::string>());
  if (!time_max) return time_max.error();
  const auto memory_max = memory_max_of(arguments);
  if (!memory_max) return memory_max.error();
  wanted.watch = {*time_max, *memory_max};
  const auto form = output_form(arguments);
  if (!form) return form.error();
  wanted.form = *form;
  if (arguments.values.count("log") != 0) wanted.log = ShowLog::of_all;
  return wanted;
}

/// Runs tests one by one, and tells of each when it has ended.
class Tests {
 public:
  Tests(const Wanted& wanted, const Catalog::Checked& checked, std::vector<const SwarmTest*> tests)
      : wanted_(wanted), checked_(checked), tests_(std::move(tests)) {
    for (const auto* test : tests_) outcomes_.push_back({test->name, test->position});
  }

  int run(const StopSignals& stop) {
    BeeCalls calls;
    TestWatch watch(wanted_.watch, calls, stop, [this](const TestWatch::End& why) { give_up(why); });
    for (; at_ < tests_.size(); ++at_) {
      log_.clear();
      watch.begin();
      auto result = testing::run_test(*tests_[at_], checked_.plan, {.calls = &calls, .log = &log_});
      watch.end();
      const auto kind = result.ok() ? TestOutcome::Kind::ok : TestOutcome::Kind::failed;
      end(kind, std::move(result));
    }
    return tell_all();
  }

 private:
  void end(TestOutcome::Kind kind, testing::TestResult result) {
    auto& outcome = outcomes_[at_];
    outcome.kind = kind;
    outcome.result = std::move(result);
    if (wanted_.form == OutputForm::text) std::cout << as_text(wanted_.file, outcome, wanted_.log) << std::flush;
  }

  int tell_all() const {
    std::cout << (wanted_.form == OutputForm::json ? as_json(wanted_.file, outcomes_, wanted_.log) : summary(outcomes_))
              << std::flush;
    const auto ok = [](const TestOutcome& outcome) { return outcome.kind == TestOutcome::Kind::ok; };
    return std::ranges::all_of(outcomes_, ok) ? success : failure;
  }

  /// Mostly from another thread, while that of the tests is inside one and will touch nothing here any more.
  [[noreturn]] void give_up(const TestWatch::End& end_of_all) {
    const bool stopped = end_of_all.kind == TestWatch::End::Kind::stopped;
    testing::TestResult result;
    result.problems.push_back({tests_[at_]->position, end_of_all.why});
    result.log = log_.lines();
    end(stopped ? TestOutcome::Kind::stopped : TestOutcome::Kind::failed, std::move(result));
    static_cast<void>(tell_all());
    std::_Exit(failure);
  }

  const Wanted& wanted_;
  const Catalog::Checked& checked_;
  std::vector<const SwarmTest*> tests_;
  std::vector<TestOutcome> outcomes_;
  testing::TestLog log_;  ///< of the test that runs
  std::size_t at_ = 0;
};

Result<std::vector<const SwarmTest*>> chosen(const std::vector<SwarmTest>& all, const Words& only) {
  std::vector<const SwarmTest*> tests;
  Words names;
  for (const auto& test : all) {
    names.push_back(test.name);
    if (only.empty() || std::ranges::count(only, test.name) > 0) tests.push_back(&test);
  }
  for (const auto& name : only) {
    if (std::ranges::count(names, name) > 0) continue;
    const auto hint = suggest(name, names);
    return Error{errc::invalid_argument, "no test '" + name + "'" + (hint.empty() ? "" : " (" + hint + ")")};
  }
  return tests;
}

void tell(StopSignals::Event event, const std::string& signal) {
  const auto* what = event == StopSignals::Event::stop ? ": stops; a second one stops at once\n"
                                                       : " again: stopped without a summary\n";
  std::cerr << "skep test: " + signal + what << std::flush;
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(test_verb, arguments.error().message);
  const auto wanted = wanted_from(*arguments);
  if (!wanted) return usage_error(test_verb, wanted.error().message);
  block_stop_signals(Hangup::ends);  // plug-ins may have threads
  const StopSignals stop(tell);
  Catalog catalog(plugin_directories(*arguments));
  const auto checked = catalog.check(wanted->file, process_environment());
  print(checked.problems);
  if (!checked.ok()) {
    std::cerr << count_of_errors(wanted->file, checked.problems) << '\n';
    return bad_file;
  }
  if (checked.tests.empty()) {
    std::cerr << "skep test: " << printable(wanted->file) << " has no tests: there is no [[test]] in it\n";
    return failure;
  }
  auto tests = chosen(checked.tests, wanted->only);
  if (!tests) return usage_error(test_verb, tests.error().message);
  return Tests(*wanted, checked, std::move(tests).value()).run(stop);
}

}  // namespace

const Command test_verb{"test", "<swarm.toml> [--only <name>]... [options]", "Runs the tests in a swarm file", help,
                        run};

}  // namespace skep::cli
