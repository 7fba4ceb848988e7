#include "bench_swarm.hpp"

#include <csignal>
#include <iostream>

#include "arguments.hpp"
#include "surroundings.hpp"

namespace skep::cli {
namespace {

/// Where it listens, now that it does.
std::string address_of(const Swarm& swarm, const std::string& gateway) {
  for (const auto& each : swarm.totals().gateways) {
    if (each.name == gateway) return each.address;
  }
  return {};
}

}  // namespace

BenchSwarm::BenchSwarm(const Settings& settings) : log_(log_options(settings.config)), node_(settings.config, log_) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that left is an error of its session
}

int BenchSwarm::start(const std::string& file, const std::string& gateway, const bench::LoadAccess& access) {
  auto checked = std::move(node_.check({file}, process_environment()).front());
  print(checked.problems);
  if (!checked.ok()) {
    std::cerr << count_of_errors(file, checked.problems) << '\n';
    return bad_file;
  }
  auto chosen = bench::choose_gateway(checked.spec, gateway, access);
  if (!chosen) return usage_error(bench_verb, chosen.error().message);
  path_ = bench::answer_path(checked.plan, chosen->name);
  swarm_ = node_.start(std::move(checked)).swarm;
  if (swarm_ == nullptr) return failure;
  const auto address = parse_host_port(address_of(*swarm_, path_.gateway));
  if (!address) {
    log_.write(LogLevel::error, "skep", "gateway '" + path_.gateway + "' does not say where it listens");
    return failure;
  }
  target_ = std::move(chosen->target);
  target_.address = bench::reachable(*address);
  return success;
}

int BenchSwarm::end() {
  const auto drained = node_.drain();
  if (!drained) log_.write(LogLevel::error, "skep", drained.error().message);
  if (node_.any_failed()) {
    log_.write(LogLevel::error, swarm_->name(), "has failed: " + swarm_->failure());
    return failure;
  }
  return drained ? success : timed_out;
}

}  // namespace skep::cli
