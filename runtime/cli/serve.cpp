#include "serve.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/node.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"
#include "stop_signals.hpp"
#include "surroundings.hpp"

namespace skep::cli {
namespace {

using std::chrono::milliseconds;

bool is_error(const Problem& problem) {
  return problem.severity == Problem::Severity::error;
}

void warn(const Problem& problem, Log& log) {
  std::vector<LogField> fields;
  if (!problem.file.empty()) fields.push_back({"file", problem.file});
  if (problem.position.line != 0) {
    fields.push_back({"line", std::uint64_t{problem.position.line}});
    fields.push_back({"column", std::uint64_t{problem.position.column}});
  }
  if (!problem.suggestion.empty()) fields.push_back({"suggestion", problem.suggestion});
  log.write(LogLevel::warning, "skep", problem.message, fields);
}

/// Of a file that can be used these are warnings, and lines of the log like others. What is wrong with one that cannot
/// is for whoever wrote it, as `skep lint` has it.
void report(const std::vector<Problem>& problems, Log& log) {
  const bool refused = std::ranges::any_of(problems, is_error);
  for (const auto& problem : problems) {
    if (refused) {
      log.write_line(text_of(problem));
    } else {
      warn(problem, log);
    }
  }
}

/// All of them, before any is started. Whether they can be.
bool report_all(const std::vector<Catalog::Checked>& swarms, Log& log) {
  for (const auto& swarm : swarms) {
    report(swarm.problems, log);
    if (!swarm.ok()) log.write_line(count_of_errors(swarm.spec.file, swarm.problems));
  }
  return std::ranges::all_of(swarms, &Catalog::Checked::ok);
}

/// Whom SIGHUP reaches, while it is there.
class Reloading {
 public:
  enum class Outcome : std::uint8_t {
    done,
    nothing,   ///< there is nothing that can be read again
    later,     ///< not all is open yet: done when it is
    too_late,  ///< it drains
  };

  /// All is open.
  void begin(Node& node) {
    const std::scoped_lock lock(mutex_);
    node_ = &node;
    if (asked_) (void)node.reload();
  }
  /// Before the node goes.
  void end() {
    const std::scoped_lock lock(mutex_);
    node_ = nullptr;
    ended_ = true;
  }
  Outcome reload() {
    const std::scoped_lock lock(mutex_);
    if (node_ != nullptr) return node_->reload() ? Outcome::done : Outcome::nothing;
    asked_ = true;
    return ended_ ? Outcome::too_late : Outcome::later;
  }

 private:
  std::mutex mutex_;
  Node* node_ = nullptr;
  bool asked_ = false;
  bool ended_ = false;
};

void reload(Log& log, Reloading& reloading, const std::string& signal) {
  switch (reloading.reload()) {
    case Reloading::Outcome::done:
      return;
    case Reloading::Outcome::nothing:
      return log.write(LogLevel::info, "skep", signal + ": nothing to reload, ignored");
    case Reloading::Outcome::later:
      return log.write(LogLevel::info, "skep", signal + ": reloads once all is open");
    case Reloading::Outcome::too_late:
      return log.write(LogLevel::info, "skep", signal + ": it is stopping, nothing is reloaded");
  }
}

StopSignals::Tell told_to(Log& log, Reloading& reloading) {
  return [&log, &reloading](StopSignals::Event event, const std::string& signal) {
    switch (event) {
      case StopSignals::Event::stop:
        return log.write(LogLevel::info, "skep", signal + ": draining; a second one stops at once");
      case StopSignals::Event::again:
        return log.last_words(LogLevel::warning, "skep", signal + " again: stopped without draining");
      case StopSignals::Event::hangup:
        return reload(log, reloading, signal);
    }
  };
}

void wait(const Node& node, const StopSignals& signals, Log& log, OnFailure on_failure) {
  const bool can_finish = node.can_finish();
  if (!can_finish && on_failure == OnFailure::go_on) {
    [[maybe_unused]] const bool asked = signals.wait(std::nullopt);
    return;
  }
  const milliseconds between_looks{can_finish ? 50 : 250};
  while (!signals.wait(between_looks)) {
    if (on_failure == OnFailure::end && node.any_failed()) return;
    if (!can_finish || !node.finished()) continue;
    log.write(LogLevel::info, "skep", "every source has come to its end: draining");
    return;
  }
}

std::vector<std::pair<std::string_view, std::uint64_t>> counts_of(const GatewayCounters& counters) {
  return {{"requests", counters.requests}, {"answered", counters.answered},   {"failed", counters.failed},
          {"expired", counters.expired},   {"abandoned", counters.abandoned}, {"refused", counters.refused},
          {"orphaned", counters.orphaned}, {"sent", counters.sent},           {"lost", counters.lost}};
}

bool serve_metrics(Node& node, Log& log) {
  const auto address = node.serve_metrics();
  if (!address) log.write(LogLevel::error, "skep", address.error().message);
  if (!address || address->empty()) return address.ok();
  log.write(LogLevel::info, "skep", "metrics are at http://" + *address + "/metrics", {{"metrics", *address}});
  return true;
}

bool join(Node& node, Log& log) {
  const auto address = node.join();
  if (!address) log.write(LogLevel::error, "skep", "does not join its cluster: " + address.error().message);
  if (!address || address->empty()) return address.ok();
  log.write(LogLevel::info, "cluster", node.member() + " waits for the others on " + *address, {{"address", *address}});
  return true;
}

void summarize(const Swarm& swarm, Log& log) {
  for (const auto& [name, address, counters] : swarm.totals().gateways) {
    const auto counts = counts_of(counters);
    std::vector<LogField> fields{{"gateway", name}};
    for (const auto& [what, count] : counts) fields.push_back({what, count});
    log.write(LogLevel::info, swarm.name(), "gateway '" + name + "' has closed", fields);
  }
}

/// Whether a file of its gateways was only partly read or written.
bool lost_a_file(const Swarm& swarm, Log& log) {
  bool lost = false;
  for (const auto& gateway : swarm.totals().gateways) {
    if (gateway.counters.failure.empty()) continue;
    log.write(LogLevel::error, swarm.name(), "gateway '" + gateway.name + "' failed: " + gateway.counters.failure);
    lost = true;
  }
  return lost;
}

/// Whether there was too little time for what was admitted, or for its answers to be read.
bool lost_records(const Swarm& swarm, Log& log) {
  const auto totals = swarm.totals();
  for (const auto& [part, records] : totals.left) {
    log.write(LogLevel::error, swarm.name(),
              part + ": lost " + counted(records, "record") + " in it or on the way to it");
  }
  const auto cut_off = [](const SwarmTotals::Gateway& gateway) { return gateway.counters.cut_off > 0; };
  return !totals.left.empty() || std::ranges::any_of(totals.gateways, cut_off);
}

int drain(Node& node, Log& log) {
  const auto drained = node.drain();
  for (const auto& swarm : node.swarms()) summarize(*swarm, log);
  for (const auto& swarm : node.swarms()) {
    if (swarm->failed()) log.write(LogLevel::error, swarm->name(), "has failed: " + swarm->failure());
  }
  if (!drained) log.write(LogLevel::error, "skep", drained.error().message);
  const auto lost = std::ranges::count_if(node.swarms(), [&](const auto& swarm) { return lost_a_file(*swarm, log); });
  const auto cut_off =
      std::ranges::count_if(node.swarms(), [&](const auto& swarm) { return lost_records(*swarm, log); });
  if (node.any_failed() || lost + cut_off > 0) return failure;
  return drained ? success : timed_out;
}

/// Starts all swarms, until asked to stop. One that does not start ends the program only if nothing else is there to
/// run.
int start_all(Node& node, const NodeConfig& config, const StopSignals& signals, Log& log, OnFailure on_failure) {
  if (config.swarms.empty()) log.write(LogLevel::warning, "skep", "no swarm is configured (setting 'swarms')");
  auto swarms = node.check(config.swarms, process_environment());
  if (!report_all(swarms, log)) return bad_file;
  int result = success;
  for (auto& swarm : swarms) {
    if (signals.wait(milliseconds{0})) break;
    if (node.start(std::move(swarm)).swarm != nullptr) continue;
    result = failure;
    if (on_failure == OnFailure::end) break;
  }
  return result;
}

/// As many as the process may have: the usual soft limit of 1,024 is for programs that use select(), and below what the
/// gateways' own limits let in.
void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// What is wrong with the files of its gateways, which are those of this node.
void add_files(Catalog::Checked& swarm, const NodeConfig& config) {
  auto problems =
      check_gateway_files(swarm.plan, swarm.spec.file, Problem::Severity::error, config.cluster.has_value());
  std::ranges::move(problems, std::back_inserter(swarm.problems));
}

}  // namespace

Log::Options log_options(const NodeConfig& config) {
  const bool text = config.log_format == "text" || (config.log_format == "auto" && stderr_is_terminal());
  Log::Options options;
  options.format = text ? LogFormat::text : LogFormat::json;
  options.colour = stderr_has_colours() ? LogColour::yes : LogColour::no;
  options.level = log_level_from(config.log_level).value_or(LogLevel::info);
  return options;
}

int check(const std::string& file, const Settings& settings) {
  auto quiet = log_options(settings.config);
  quiet.format = LogFormat::text;
  quiet.level = std::max(quiet.level, LogLevel::warning);
  Log log(quiet);
  print(settings.warnings);
  Node node(settings.config, log);
  int code = success;
  if (const auto ready = node.prepare_cluster(); !ready) {
    const std::vector<Problem> problems{{.file = file, .message = ready.error().message}};
    print(problems);
    std::cerr << count_of_errors(file, problems) << '\n';
    code = bad_file;
  }
  for (auto& swarm : node.check(settings.config.swarms, process_environment())) {
    if (swarm.ok()) add_files(swarm, settings.config);
    print(swarm.problems);
    if (swarm.ok()) continue;
    std::cerr << count_of_errors(swarm.spec.file, swarm.problems) << '\n';
    code = bad_file;
  }
  if (code == success) {
    const auto member = node.member();
    std::cout << printable(file) << ": ok (" << counted(settings.config.swarms.size(), "swarm")
              << (member.empty() ? "" : "; " + member) << ")\n";
  }
  return code;
}

int serve(const Settings& settings, OnFailure on_failure) {
  const auto& config = settings.config;
  allow_descriptors();
  block_stop_signals(Hangup::told);
  std::signal(SIGPIPE, SIG_IGN);  // a client that left is an error of its session
  Log log(log_options(config));
  report(settings.warnings, log);
  Reloading reloading;
  const StopSignals signals(told_to(log, reloading));
  Node node(config, log);
  if (const auto ready = node.prepare_cluster(); !ready) {
    log.write(LogLevel::error, "skep", ready.error().message);
    return bad_file;
  }
  if (!serve_metrics(node, log)) return failure;
  const int started = start_all(node, config, signals, log, on_failure);
  if (started != success && (node.swarms().empty() || config.cluster)) return started;
  if (!join(node, log)) return failure;
  reloading.begin(node);
  wait(node, signals, log, on_failure);
  reloading.end();
  const int ended = drain(node, log);
  return started != success ? started : ended;
}

std::string settings_text(const Words& without, std::vector<OptionLine> more) {
  for (const auto& setting : node_settings(without)) {
    more.push_back({"--" + setting.name, setting.value, setting.doc});
  }
  return option_text(more);
}

Settings read_settings(const Command& command, const std::string& file, const Words& words, const Words& without) {
  auto read = read_node_config(file, process_environment(), words, without);
  auto problems = std::move(read.problems);
  std::ranges::move(check_variables(environment_names()), std::back_inserter(problems));
  Settings settings{.config = std::move(read.config)};
  if (settings.config.plugins.empty()) settings.config.plugins.push_back(default_plugin_directory());
  if (std::ranges::any_of(problems, is_error)) settings.code = bad_file;
  Words mistakes;
  for (const auto& problem : read.usage) {
    mistakes.push_back(problem.message + (problem.suggestion.empty() ? "" : " (" + problem.suggestion + ")"));
  }
  if (!mistakes.empty()) settings.code = usage_error(command, mistakes);
  if (settings.code != success) {
    print(problems);
    const auto count = file.empty() ? std::string() : count_of_errors(file, problems);
    if (settings.code == bad_file && !count.empty()) std::cerr << count << '\n';
  } else {
    settings.warnings = std::move(problems);
  }
  return settings;
}

}  // namespace skep::cli
