#include "skep/runtime/node.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "cluster/cluster_node.hpp"
#include "cluster/digests.hpp"
#include "exit_deadline.hpp"
#include "node_watch.hpp"
#include "placement/placement_needs.hpp"
#include "process_memory.hpp"
#include "skep/gateways/io_threads.hpp"
#include "skep/gateways/status_server.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/serialization/counted.hpp"
#include "spare_threads.hpp"

namespace skep {
namespace {

using Clock = std::chrono::steady_clock;

/// Filled in code: `parse` would read ./caf-application.ini from whatever folder the process was started in.
struct ActorConfig : caf::actor_system_config {
  ActorConfig(std::uint32_t threads, std::uint32_t io_threads) {
    constexpr std::size_t messages_per_slice = 200;
    const std::size_t others = 7 + 2 * io_threads;  // clocks, the watch, two a loop, and some to spare
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t workers = threads == 0 ? cores : std::size_t{threads};
    if (const auto lack = detail::lack_of_threads(workers + others)) {
      throw std::runtime_error("no " + std::to_string(workers + others) + " threads for a node: " + *lack);
    }
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", workers);
    set("scheduler.max-throughput", messages_per_slice);
  }
};

std::uint64_t dedicated_of(const SwarmPlan& plan) {
  std::uint64_t count = 0;
  for (const auto& bee : plan.bees) {
    if (bee.spec.execution == Execution::dedicated) count += bee.spec.replicas;
  }
  return count;
}

/// With fewer it would start, and then accept nobody.
Result<void> check_descriptors() {
  const auto most = read_process_metrics().descriptors_max;
  if (most == 0 || most >= limits::node_descriptors_min) return {};
  return Error{errc::unavailable, "this process may have " + std::to_string(most) +
                                      " files open (ulimit -n); a node needs " +
                                      std::to_string(limits::node_descriptors_min)};
}

}  // namespace

struct Node::Parts {
  Parts(NodeConfig given, Log& process_log)
      : config(std::move(given)),
        log(process_log),
        catalog(config.plugins),
        deadline([this] { exit_without(calls.left()); }),
        actor_config(config.threads, config.io_threads),
        system(std::make_unique<caf::actor_system>(actor_config)),
        io(std::make_unique<IoThreads>(*system, IoThreads::Settings{config.io_threads, config.payload_bytes_max})),
        watch(std::make_unique<detail::NodeWatch>(detail::NodeWatch::Settings{config.name, config.callback_time_max,
                                                                              detail::memory_budget(config.memory_max)},
                                                  calls, *io, log)) {}

  [[nodiscard]] Result<void> check_dedicated(std::uint64_t more) const;
  [[nodiscard]] std::string why_not(const std::string& swarm, std::uint64_t dedicated) const;
  [[nodiscard]] Result<void> drain();
  void stop();
  [[nodiscard]] Result<void> prepare_cluster();
  void warn_of_end(const Certificate& certificate);
  bool reload_cluster();
  [[nodiscard]] Result<SwarmSite*> site_of(const Catalog::Checked& checked);
  [[nodiscard]] SwarmHost host(SwarmSite* site);
  [[noreturn]] void exit_without(const BeeCalls::Left& left);
  [[nodiscard]] std::optional<StatusServer::Page> page(std::string_view path) const;
  [[nodiscard]] std::string metrics_text() const;

  NodeConfig config;
  Log& log;
  Catalog catalog;
  BeeCalls calls;
  DepartedSessions departed;
  std::uint64_t dedicated_bees = 0;          // of all swarms
  std::optional<Clock::time_point> ends_by;  // once a drain was not finished in time
  detail::ExitDeadline deadline;
  ActorConfig actor_config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<IoThreads> io;
  std::unique_ptr<detail::NodeWatch> watch;
  std::unique_ptr<Cluster> cluster;  // null: a node alone
  // Over cluster and the list of swarms, for readers of metrics; their owner's thread reads them without.
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<Swarm>> swarms;
  std::unique_ptr<StatusServer> status;
};

/// For a swarm; `site` is null where all of it is here.
SwarmHost Node::Parts::host(SwarmSite* site) {
  const auto write = [this](LogLevel level, std::string_view source, std::string_view text,
                            std::span<const LogField> fields) { log.write(level, source, text, fields); };
  SwarmHost host{*system, *io, write};
  host.calls = &calls;
  host.inline_time_max = config.inline_time_max;
  host.departed = &departed;
  host.measure = config.metrics == "off" ? Measure::no : Measure::yes;
  host.site = site;
  return host;
}

void Node::Parts::exit_without(const BeeCalls::Left& left) {
  const auto bees = left.count == 0 ? "" : ", among them " + counted(left.count, "bee") + ": " + left.names;
  log.last_words(LogLevel::error, config.name, "actors or threads do not end" + bees + "; exiting without them");
  std::_Exit(EXIT_FAILURE);
}

std::string Node::Parts::metrics_text() const {
  std::vector<SwarmMetrics> metrics;
  std::optional<ClusterMetrics> of_cluster;
  {
    const std::scoped_lock lock(mutex);
    for (const auto& swarm : swarms) metrics.push_back(swarm->metrics());
    if (cluster) of_cluster = cluster->metrics();
  }
  return skep::metrics_text(read_process_metrics(), metrics, of_cluster);
}

std::optional<StatusServer::Page> Node::Parts::page(std::string_view path) const {
  if (path == "/metrics") return StatusServer::Page{metrics_content_type, metrics_text()};
  if (path == "/healthz") return StatusServer::Page{"text/plain", "ok\n"};
  return std::nullopt;
}

Result<void> Node::Parts::prepare_cluster() {
  if (!config.cluster) return {};
  auto settings = cluster_settings(*config.cluster, certificate_now());
  if (!settings) return settings.error();
  warn_of_end(settings->tls->certificate());
  settings->log = [&log = log](LogLevel level, std::string_view source, std::string_view text) {
    log.write(level, std::string(source), text);
  };
  const std::scoped_lock lock(mutex);
  cluster = std::make_unique<Cluster>(*system, std::move(settings).value());
  return {};
}

void Node::Parts::warn_of_end(const Certificate& certificate) {
  if (!ends_soon(certificate, certificate_now())) return;
  const auto left = std::chrono::duration_cast<std::chrono::hours>(certificate.not_after - certificate_now());
  log.write(LogLevel::warning, "cluster",
            "the certificate of this node ends in " + counted(static_cast<std::uint64_t>(left.count()), "hour") +
                ": 'skep pki renew', then SIGHUP");
}

bool Node::Parts::reload_cluster() {
  if (!cluster) return false;
  const auto refuse = [&](const std::string& why) {
    log.write(LogLevel::error, "cluster", "not reloaded, what was in use stays: " + why);
    return true;
  };
  auto read = cluster_settings(*config.cluster, certificate_now());
  if (!read) return refuse(read.error().message);
  const auto& certificate = read->tls->certificate();
  if (read->self != cluster->self()) {
    return refuse("the certificate is of node '" + certificate.identity->name + "', which is another one");
  }
  warn_of_end(certificate);
  const auto days =
      std::chrono::duration_cast<std::chrono::hours>(certificate.not_after - certificate_now()).count() / 24;
  log.write(LogLevel::info, "cluster",
            "certificates are reloaded: serial " + certificate.serial + ", " + std::to_string(days) + " days left, " +
                std::to_string(read->tls->denied()) + " serials denied");
  cluster->use(read->tls);
  return true;
}

/// Null on a node alone.
Result<SwarmSite*> Node::Parts::site_of(const Catalog::Checked& checked) {
  if (!cluster) return nullptr;
  const auto digest = swarm_digest(checked.spec, catalog);
  if (!digest) return digest.error();
  return &cluster->add(checked.spec.name, *digest, placement_needs(checked.plan));
}

/// Whether there is room for so many more dedicated bees.
Result<void> Node::Parts::check_dedicated(std::uint64_t more) const {
  if (dedicated_bees + more > config.dedicated_bees_max) {
    return Error{errc::invalid_argument,
                 "its " + counted(more, "dedicated bee") +
                     (more == 1 ? ", with a thread of its own, makes " : ", each with a thread of its own, make ") +
                     std::to_string(dedicated_bees + more) + " of this node; " +
                     std::to_string(config.dedicated_bees_max) + " are allowed (setting 'dedicated_bees_max')"};
  }
  return {};
}

/// What this process lacks for a swarm with so many dedicated bees; empty: nothing.
std::string Node::Parts::why_not(const std::string& swarm, std::uint64_t dedicated) const {
  if (const auto enough = check_descriptors(); !enough) return enough.error().message;
  const auto room = check_dedicated(dedicated);
  return room ? std::string() : "swarm '" + swarm + "': " + room.error().message;
}

/// All swarms at once, so that none takes its neighbours' time. All that follows has stop_time_max, whatever hangs.
Result<void> Node::Parts::drain() {
  const auto drained_by = Clock::now() + config.drain_time_max;
  const auto latest = drained_by + limits::stop_time_max;
  deadline.set(latest);
  const auto drain_one = [drained_by, limit = config.drain_time_max](Swarm& swarm) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(drained_by - Clock::now());
    const auto drained = swarm.drain(std::max(left, std::chrono::milliseconds{1}), limit);
    return drained ? std::string() : drained.error().message;
  };
  std::vector<std::future<std::string>> drains;  // where no further thread can be had, in turn, by `get`
  for (const auto& swarm : swarms) {
    drains.push_back(std::async(std::launch::async | std::launch::deferred, drain_one, std::ref(*swarm)));
  }
  std::string unfinished;
  for (auto& each : drains) {
    const auto problem = each.get();
    if (!problem.empty()) unfinished += (unfinished.empty() ? "" : "; ") + problem;
  }
  deadline.clear();
  if (unfinished.empty()) return {};
  ends_by = latest;
  return Error{errc::timed_out, unfinished};
}

/// Nothing here has a time limit of its own, and a bee may be inside a call that never returns. For those that were
/// given up long ago nobody waits again.
void Node::Parts::stop() {
  const auto latest = Clock::now() + limits::stop_time_max;
  deadline.set(std::min(ends_by.value_or(latest), latest));
  status.reset();
  if (cluster) cluster->stop();
  swarms.clear();
  if (const auto left = calls.left(); left.count != 0 && left.all_abandoned) exit_without(left);
  system->await_all_actors_done();
  cluster.reset();
  watch.reset();
  io->stop();
  io.reset();
  system.reset();
}

Node::Node(NodeConfig config, Log& log) {
  detail::keep_freed_memory(detail::freed_memory_kept(config.heap_free_max, detail::memory_budget(config.memory_max)));
  parts_ = std::make_unique<Parts>(std::move(config), log);
}

Node::~Node() {
  if (const auto drained = drain(); !drained) {
    parts_->log.write(LogLevel::error, parts_->config.name, drained.error().message);
  }
  parts_->stop();
}

BeeRegistry& Node::bees() noexcept {
  return parts_->catalog.bees();
}

Catalog& Node::catalog() noexcept {
  return parts_->catalog;
}

Node::Started Node::start(const std::string& swarm_file, const Environment& environment) {
  return start(parts_->catalog.check(swarm_file, environment));
}

std::vector<Catalog::Checked> Node::check(const std::vector<std::string>& swarm_files, const Environment& environment) {
  return parts_->catalog.check_all(swarm_files, environment, parts_->config);
}

Node::Started Node::start(Catalog::Checked checked) {
  Started result{nullptr, std::move(checked.problems), {}};
  const bool usable = std::ranges::none_of(
      result.problems, [](const Problem& problem) { return problem.severity == Problem::Severity::error; });
  if (!usable) return result;
  const auto dedicated = dedicated_of(checked.plan);
  result.failure = parts_->why_not(checked.spec.name, dedicated);
  if (!result.failure.empty()) {
    parts_->log.write(LogLevel::error, parts_->config.name, result.failure);
    return result;
  }
  const auto site = parts_->site_of(checked);
  if (!site) {
    result.failure = "swarm '" + checked.spec.name + "': " + site.error().message;
    parts_->log.write(LogLevel::error, parts_->config.name, result.failure);
    return result;
  }
  auto swarm = Swarm::start(std::move(checked.plan), parts_->host(*site));
  if (!swarm) {
    result.failure = "swarm '" + checked.spec.name + "': " + swarm.error().message;
    return result;
  }
  if (*site != nullptr) parts_->cluster->set(**site, (*swarm)->placed());
  parts_->dedicated_bees += dedicated;
  if (parts_->config.heap_free_max != 0) detail::give_back_freed_memory();  // what only its start needed
  const std::scoped_lock lock(parts_->mutex);
  parts_->swarms.push_back(std::move(swarm).value());
  result.swarm = parts_->swarms.back().get();
  return result;
}

Result<void> Node::prepare_cluster() {
  return parts_->prepare_cluster();
}

std::string Node::member() const {
  return parts_->cluster ? parts_->cluster->member() : "";
}

Result<std::string> Node::join() {
  if (!parts_->cluster) return std::string();
  if (auto started = parts_->cluster->start(); !started) return started.error();
  return parts_->cluster->address();
}

bool Node::reload() {
  bool any = parts_->reload_cluster();
  const std::scoped_lock lock(parts_->mutex);
  for (const auto& swarm : parts_->swarms) any = swarm->reload() || any;
  return any;
}

Result<void> Node::drain() {
  return parts_->drain();
}

bool Node::can_finish() const {
  return !parts_->swarms.empty() && std::ranges::all_of(parts_->swarms, [](const auto& s) { return s->can_finish(); });
}

bool Node::finished() const {
  return can_finish() && std::ranges::all_of(parts_->swarms, [](const auto& swarm) { return swarm->finished(); });
}

bool Node::any_failed() const {
  return std::ranges::any_of(parts_->swarms, [](const auto& swarm) { return swarm->failed(); });
}

std::string Node::metrics_text() const {
  return parts_->metrics_text();
}

Result<std::string> Node::serve_metrics() {
  const auto& place = parts_->config.metrics;
  if (place.empty() || place == "off") return std::string();
  const auto pages = [parts = parts_.get()](std::string_view path) { return parts->page(path); };
  const auto log = [&log = parts_->log](LogLevel level, std::string_view source, std::string_view text) {
    log.write(level, std::string(source), text);
  };
  auto started = StatusServer::start(place, pages, log);
  if (!started) return Error{started.error().code, "setting 'metrics': " + started.error().message};
  parts_->status = std::move(started).value();
  return parts_->status->address();
}

const std::vector<std::unique_ptr<Swarm>>& Node::swarms() const noexcept {
  return parts_->swarms;
}

}  // namespace skep
