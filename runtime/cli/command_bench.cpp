// skep bench <address | swarm.toml>: requests, at a rate or as fast as they are answered, and how long they take.

#include <algorithm>
#include <iostream>

#include "bench/load_report.hpp"
#include "bench/load_run.hpp"
#include "bench/rate_search.hpp"
#include "bench_options.hpp"
#include "bench_swarm.hpp"
#include "serve.hpp"
#include "stop_signals.hpp"
#include "surroundings.hpp"

namespace skep::cli {
namespace {

using bench::LoadPlan;
using bench::LoadReport;

constexpr const char* about =
    R"(Sends requests to a gateway, tcp://host:port or ws://host:port/path, and measures how long the answers take;
with TLS (tls:// and wss://, or --tls-authorities) and a token (--token-file) where it asks for them.
A swarm file is started in this process, as 'skep run' does it, and driven over a real socket.

Without --rate each client sends its next request when it has an answer (a closed loop). With --rate requests
are due by a schedule, whatever became of those before (an open loop), and latency counts from when one was
due: a gateway that stands still for a second is seen by all the requests of that second. Percentiles are at
most 1 % off, and are those of answers that are no errors; errors ({"error": {"code": ...}}), timeouts and
lost connections are counted beside them. --ramp takes what failed as unending, and tries no rate with fewer
than ten requests in --duration.

Of a swarm file it tells where the time of a request goes, on the average, from what bees and gateways measure
of themselves: 'outside' of the gateway (sockets, the kernel, the load generator, which runs on the same
machine), in the 'gateway' (with credit and changes of threads), in the 'queue' before bees, while batches
'fill' because a bee asks for that, and in bees that 'compute', with all of the batch that it is in. What was
not measured is not shown: no part where bees work side by side on one request, no 'outside' if some requests
failed, nothing with SKEP_METRICS=off. Links between nodes are not measured: all of the swarm is here.

Ctrl-C ends it early, with what was measured so far. Exits with 0 if there were answers, 1 if there was none or
no rate was found, 2 for a wrong command line, 3 for a bad swarm file, 4 if nobody could be reached, 5 if the
swarm did not end in time.

Options:
)";

constexpr const char* examples = R"(
Examples:
  skep bench hello.toml --clients 4 --duration 5s --template 'Ada {i}'
  skep bench tcp://127.0.0.1:9001 --rate 2000 --payload records.jsonl -o json
  skep bench tls://shop.example.org:9443 --tls-authorities ca.pem --token-file token
  skep bench ws://127.0.0.1:8080/in --ramp --p99 5ms --duration 3s
)";

std::string help() {
  return about + to_string(bench_option_table()) + examples;
}

/// On a terminal: away with what stands in this line.
std::string_view line_cleared() {
  return stderr_is_terminal() ? "\r\033[K" : "";
}

/// A line that is written over again and again, where a person watches. The cursor waits at its begin: lines of the log
/// are written over it, too.
class ProgressLine {
 public:
  ~ProgressLine() { clear(); }

  void show(const bench::LoadProgress& progress) {
    if (!stderr_is_terminal()) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(progress.time).count();
    std::cerr << line_cleared() << seconds << " s: " << progress.answered << " answers a second, " << progress.failed
              << " failed" << (progress.warming_up ? " (warm-up)" : "") << '\r' << std::flush;
    shown_ = true;
  }
  void clear() {
    if (shown_) std::cerr << line_cleared() << std::flush;
    shown_ = false;
  }

 private:
  bool shown_ = false;
};

/// Runs what was asked for, and reports it.
class Bench {
 public:
  /// Null: what is driven is at the address in `options`.
  Bench(BenchOptions& options, const BenchSwarm* swarm, const StopSignals& stop)
      : options_(options), target_(swarm == nullptr ? *options.target : swarm->target()), swarm_(swarm), stop_(stop) {
    report_.target = target_.to_string();
    report_.plan = options.plan;
    if (swarm == nullptr) return;
    report_.swarm = swarm->name();
    report_.gateway = swarm->path().gateway;
  }

  int run() {
    if (is_text()) std::cout << heading(report_) << std::flush;
    const auto problem = options_.plan.ramp_p99 ? search() : measure(options_.plan);
    progress_.clear();
    if (!problem) {
      std::cerr << "skep bench: " << problem.error().message << '\n';
      return problem.error().code == errc::unavailable ? unreachable : failure;
    }
    report_.stopped = stopped();
    std::cout << (is_text() ? as_text(report_) : as_json(report_)) << std::flush;
    const bool found = !options_.plan.ramp_p99 || report_.best_rate;
    return report_.figures.answered > 0 && found ? success : failure;
  }

 private:
  [[nodiscard]] bool is_text() const { return options_.form == OutputForm::text; }
  [[nodiscard]] bool stopped() const { return stop_.wait(std::chrono::milliseconds{0}); }

  /// Once, into the report.
  Result<void> measure(const LoadPlan& plan) {
    std::optional<SwarmMetrics> before;
    bench::LoadWatch watch;
    watch.measures = [&] {
      if (swarm_ != nullptr) before = swarm_->metrics();
    };
    watch.each_second = [this](const bench::LoadProgress& progress) { progress_.show(progress); };
    watch.stopped = [this] { return stopped(); };
    const auto figures = bench::run_load({target_, plan, options_.payloads}, watch);
    if (!figures) return figures.error();
    report_.figures = *figures;
    report_.split.reset();
    if (!before) return {};
    const bool all = figures->answered > 0 && figures->answered == figures->requests;
    const auto latency = all ? std::optional(figures->latency.mean()) : std::nullopt;
    report_.split = bench::split_time({*before, swarm_->metrics()}, swarm_->path(), latency);
    return {};
  }

  /// Rates of less than ten requests in the time of a measurement tell nothing.
  [[nodiscard]] bench::RateSearch::Settings search_settings() const {
    const auto seconds = std::chrono::duration<double>(options_.plan.duration).count();
    const auto least = std::max(limits::bench_rate_min, 10 / seconds);
    return {.first = std::max(*options_.plan.rate, least), .min = least};
  }

  Result<void> search() {
    bench::RateSearch search(search_settings());
    std::optional<LoadReport> best;
    for (auto rate = search.next(); rate; rate = search.next()) {
      auto plan = options_.plan;
      plan.rate = rate;
      if (const auto problem = measure(plan); !problem) return problem;
      if (stopped()) break;
      const bool held = holds(report_.figures, *options_.plan.ramp_p99);
      search.tried(held);
      report_.tried.push_back({*rate, held, report_.figures});
      progress_.clear();
      if (is_text()) std::cout << as_text(report_.tried.back()) << std::flush;
      if (held && search.best() == rate) best = report_;
    }
    report_.best_rate = search.best();
    if (!best) return {};
    report_.figures = best->figures;
    report_.split = best->split;
    return {};
  }

  BenchOptions& options_;
  const bench::LoadTarget& target_;
  const BenchSwarm* swarm_;
  const StopSignals& stop_;
  LoadReport report_{.target = {}, .plan = {}};
  ProgressLine progress_;
};

void tell(StopSignals::Event event, const std::string& signal) {
  const auto* what = event == StopSignals::Event::stop ? ": stops; a second one stops at once\n"
                                                       : " again: stopped without a report\n";
  std::cerr << std::string(line_cleared()) + "skep bench: " + signal + what << std::flush;
}

int drive_swarm(BenchOptions& options, const StopSignals& stop) {
  auto settings = read_settings(bench_verb, {}, options.settings, {"swarms"});
  if (settings.code != success) return settings.code;
  print(settings.warnings);
  // Unless told otherwise, a report has only warnings and errors beside it.
  if (!process_environment()("SKEP_LOG_LEVEL")) settings.config.log_level = "warning";
  BenchSwarm swarm(settings);
  if (const int code = swarm.start(options.file, options.gateway, options.access); code != success) return code;
  const int code = Bench(options, &swarm, stop).run();
  const int ended = swarm.end();
  return code != success ? code : ended;
}

int run(const Words& words) {
  auto options = read_bench_options(words);
  if (!options) return usage_error(bench_verb, options.error().message);
  block_stop_signals(Hangup::ends);  // plug-ins may have threads
  const StopSignals stop(tell);
  if (!options->target) return drive_swarm(*options, stop);
  return Bench(*options, nullptr, stop).run();
}

}  // namespace

const Command bench_verb{"bench", "<address | swarm.toml> [options]", "Loads a gateway, and measures its answers", help,
                         run};

}  // namespace skep::cli
