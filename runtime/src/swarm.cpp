#include "skep/runtime/swarm.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "actor_round.hpp"
#include "records_left.hpp"
#include "skep/serialization/counted.hpp"
#include "spare_threads.hpp"
#include "swarm_actors.hpp"
#include "swarm_order.hpp"

namespace skep {
namespace {

using detail::ActorRound;
using detail::PartIndex;
using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr milliseconds counters_time_max{1000};
constexpr milliseconds end_time_max{1000};
constexpr milliseconds overdue_time_max{200};  // of either, where something was not drained in time
constexpr milliseconds arrivals_time_max{1000};
constexpr milliseconds answer_time{200};  ///< of a gateway that has drained, at most; kept for each level to come

/// What was not drained, and why. A gateway that is answered is asked twice, and it is the last that counts.
using Unfinished = std::map<std::string, std::string>;

/// "bee 'slow' (no answer), gateway 'front' (gave up 3)".
std::string text_of(const Unfinished& unfinished) {
  std::string text;
  for (const auto& [part, why] : unfinished) text += (text.empty() ? "" : ", ") + part + " (" + why + ")";
  return text;
}

/// Lines of this swarm's parts carry its name. A copy of `log`: a bee that does not end outlives its swarm.
SwarmLog log_for(const SwarmLog& log, const std::string& swarm) {
  return [log, prefix = swarm + "."](LogLevel level, std::string_view source, std::string_view text,
                                     std::span<const LogField> fields) {
    log(level, prefix + std::string(source), text, fields);
  };
}

/// That of the first try has passed. Its client has had an answer, so nobody waits for this one.
Record without_deadline(const Record& record) {
  auto header = record.header();
  header.deadline = no_deadline;
  header.origin = {};
  return Record(header, Payload::borrow(record.bytes(), record.content()));
}

milliseconds until(Time deadline, caf::actor_system& system) {
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(deadline - system.clock().now()));
}

template <class Counters>
Counters counters_in(const Result<caf::message>& answer) {
  if (!answer || !answer->template match_elements<Counters>()) return {};
  return answer->template get_as<Counters>(0);
}

}  // namespace

struct Swarm::Parts {
  Parts(SwarmPlan given, SwarmHost given_host)
      : plan(std::move(given)),
        host(std::move(given_host)),
        actors(std::make_shared<detail::SwarmActors>(plan, host, log_for(host.log, plan.name))) {}

  void spawn(milliseconds start_time_max);
  [[nodiscard]] Result<void> start();
  void read_addresses();
  [[nodiscard]] Unfinished drain(Time deadline);
  void drain_level(const std::vector<PartIndex>& level, const std::vector<PartIndex>& intake_only,
                   milliseconds time_max, Unfinished& unfinished);
  [[nodiscard]] SwarmTotals read_totals(milliseconds time_max) const;
  [[nodiscard]] detail::Silence cease(milliseconds time_max, Cease how) const;
  [[nodiscard]] Result<void> give_back(const DeadLetter& letter);
  void end_supervisor(milliseconds time_max);
  void end(milliseconds time_max = end_time_max);

  SwarmPlan plan;
  SwarmHost host;
  std::shared_ptr<detail::SwarmActors> actors;
  caf::actor supervisor;
  std::vector<std::string> addresses;  // by gateway
  SwarmTotals last_totals;
  Supervision last_supervision;
  bool running = false;
};

void Swarm::Parts::spawn(milliseconds start_time_max) {
  SupervisorActorSettings settings;
  settings.swarm = plan.name;
  settings.supervision = plan.supervision;
  settings.children = actors->child_specs(start_time_max);
  settings.actors = actors;
  settings.execution = host.supervisor;
  settings.log = detail::sink_of(std::make_shared<const SwarmLog>(log_for(host.log, plan.name)));
  supervisor = spawn_supervisor(host.system, std::move(settings));
  actors->spawn_all(supervisor);
}

/// The supervisor knows how long each part may take.
Result<void> Swarm::Parts::start() {
  constexpr std::chrono::hours long_enough{24};
  ActorRound round(host, long_enough);
  round.ask(supervisor, StartChildren{});
  const auto answers = round.answers();
  if (!answers.front()) return answers.front().error();
  running = true;
  return {};
}

void Swarm::Parts::read_addresses() {
  addresses.resize(plan.gateways.size());
  if (host.site != nullptr) return;  // its gateways open when all of it is up
  ActorRound round(host, counters_time_max);
  for (auto part = plan.bees.size(); part < detail::part_count(plan); ++part) {
    round.ask(actors->of(part).front(), ReadAddress{});
  }
  const auto answers = round.answers();
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    addresses[i] = counters_in<std::string>(answers[i]);
    detail::log_open(host.log, plan.name, plan.gateways[i].spec, addresses[i]);
  }
}

Unfinished Swarm::Parts::drain(Time deadline) {
  Unfinished unfinished;
  actors->begin_end();
  const auto sinks = detail::sinks(plan);
  for (const auto part : sinks) {
    for (const auto& gateway : actors->of(part)) {
      if (gateway) caf::anon_send(gateway, DrainBegins{});
    }
  }
  const auto two_way = detail::two_way_gateways(plan);
  auto levels = detail::drain_levels(plan);
  if (!two_way.empty()) levels.push_back(two_way);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const bool last = i + 1 == levels.size();
    if (levels[i] == sinks) actors->drain_sinks();
    const auto left = until(deadline, host.system);
    const auto later = std::min<milliseconds>(static_cast<std::int64_t>(levels.size() - 1 - i) * answer_time, left / 4);
    drain_level(levels[i], last ? std::vector<PartIndex>() : two_way, left - later, unfinished);
    if (i > 0) continue;
    // Until the gateways here are done, the bees work for those of other nodes, too.
    actors->drain(std::min(arrivals_time_max, until(deadline, host.system) / 4));
  }
  actors->drained();
  return unfinished;
}

/// Of the parts in `intake_only` no more than that.
void Swarm::Parts::drain_level(const std::vector<PartIndex>& level, const std::vector<PartIndex>& intake_only,
                               milliseconds time_max, Unfinished& unfinished) {
  ActorRound round(host, time_max);
  const auto gateway_time = time_max - std::min(answer_time, time_max / 4);
  std::vector<std::string> asked;
  for (const auto part : level) {
    const auto replicas = actors->of(part);
    for (std::size_t replica = 0; replica < replicas.size(); ++replica) {
      if (!replicas[replica]) continue;
      if (std::ranges::count(intake_only, part) > 0) {
        round.ask(replicas[replica], EndIntake{gateway_time});
      } else {
        round.ask(replicas[replica], Drain{gateway_time});
      }
      asked.push_back(actors->label_here(part, replica));
    }
  }
  const auto answers = round.answers();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto given_up = counters_in<GatewayCounters>(answers[i]).cut_off;
    unfinished.erase(asked[i]);
    if (answers[i] && given_up == 0) continue;
    unfinished[asked[i]] = answers[i] ? "gave up " + std::to_string(given_up) : answers[i].error().message;
  }
}

detail::Silence Swarm::Parts::cease(milliseconds time_max, Cease how) const {
  ActorRound round(host, time_max);
  std::vector<PartIndex> asked;
  for (PartIndex part = 0; part < detail::part_count(plan); ++part) {
    for (const auto& actor : actors->of(part)) {
      if (!actor) continue;
      asked.push_back(part);
      round.ask(actor, how);
    }
  }
  detail::Silence silence{std::vector<bool>(detail::part_count(plan)), {}};
  const auto answers = round.answers();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) silence.parts[asked[i]] = true;
  }
  silence.known = actors->metrics();
  return silence;
}

/// Of those that do not answer, or are not here, nothing is known: zeros.
SwarmTotals Swarm::Parts::read_totals(milliseconds time_max) const {
  ActorRound round(host, time_max);
  std::vector<std::vector<caf::actor>> asked;
  for (PartIndex part = 0; part < detail::part_count(plan); ++part) {
    for (const auto& actor : asked.emplace_back(actors->of(part))) {
      if (actor) round.ask(actor, ReadCounters{});
    }
  }
  const auto is_here = [&](PartIndex part, std::size_t replica) {
    return replica < asked[part].size() && asked[part][replica];
  };
  const auto answers = round.answers();
  auto next = answers.begin();
  SwarmTotals totals;
  for (PartIndex part = 0; part < plan.bees.size(); ++part) {
    for (std::uint32_t replica = 0; replica < plan.bees[part].spec.replicas; ++replica) {
      const auto counters = is_here(part, replica) ? counters_in<BeeCounters>(*next++) : BeeCounters{};
      totals.bees.push_back({plan.bees[part].spec.name, replica, counters});
    }
  }
  for (std::size_t i = 0; i < plan.gateways.size(); ++i) {
    const auto part = plan.bees.size() + i;
    GatewayCounters counters;
    bool here = false;
    for (std::size_t thread = 0; thread < asked[part].size(); ++thread) {
      if (!is_here(part, thread)) continue;
      counters += counters_in<GatewayCounters>(*next++);
      here = true;
    }
    if (!here && host.site != nullptr) continue;
    totals.gateways.push_back({plan.gateways[i].spec.name, addresses[i], counters});
  }
  return totals;
}

/// To the replica that threw on it.
Result<void> Swarm::Parts::give_back(const DeadLetter& letter) {
  const auto bee = std::ranges::find(plan.bees, letter.bee, [](const PlannedBee& each) { return each.spec.name; });
  assert(bee != plan.bees.end());
  const auto replicas = actors->of(static_cast<PartIndex>(bee - plan.bees.begin()));
  if (letter.replica >= replicas.size() || !replicas[letter.replica])
    return Error{errc::unavailable, "the swarm does not run"};
  ActorRound round(host, counters_time_max);
  round.ask(replicas[letter.replica], Replay{without_deadline(letter.record)});
  const auto answer = round.answers().front();
  if (answer || answer.error().code == errc::timed_out) return {};  // it is in the mailbox of a bee at work
  return answer.error();
}

/// Before the others: their end is no failure, and none of them is to be replaced.
void Swarm::Parts::end_supervisor(milliseconds time_max) {
  if (supervisor) static_cast<void>(ActorRound(host, time_max).end({std::exchange(supervisor, nullptr)}));
}

void Swarm::Parts::end(milliseconds time_max) {
  running = false;
  end_supervisor(time_max);
  const auto all = actors->take_all();
  if (all.empty()) return;
  const auto left = ActorRound(host, time_max).end(all);
  if (left == 0) return;
  host.log(LogLevel::error, plan.name,
           "its end waits for " + counted(left, "part") +
               ", bees or gateways: inside calls that do not return, or waiting for a thread",
           {});
}

Supervision read_supervision(const SwarmHost& host, const caf::actor& supervisor, milliseconds time_max) {
  ActorRound round(host, time_max);
  round.ask(supervisor, ReadSupervision{});
  return counters_in<Supervision>(round.answers().front());
}

Swarm::Swarm(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Swarm::~Swarm() {
  parts_->end();
}

Result<std::unique_ptr<Swarm>> Swarm::start(SwarmPlan plan, SwarmHost host, milliseconds start_time_max) {
  if (const auto lack = host.supervisor == Execution::dedicated ? detail::lack_of_threads(1) : std::nullopt) {
    const auto why = "no thread for its supervisor: " + *lack;
    host.log(LogLevel::error, plan.name, "does not start: " + why, {});
    return Error{errc::unavailable, why};
  }
  auto parts = std::make_unique<Parts>(std::move(plan), std::move(host));
  parts->spawn(start_time_max);
  if (const auto started = parts->start(); !started) {
    parts->end();
    return started.error();
  }
  parts->read_addresses();
  return std::unique_ptr<Swarm>(new Swarm(std::move(parts)));
}

const std::string& Swarm::name() const noexcept {
  return parts_->plan.name;
}

SwarmTotals Swarm::totals() const {
  return parts_->running ? parts_->read_totals(counters_time_max) : parts_->last_totals;
}

bool Swarm::failed() const {
  return !parts_->actors->failure().empty();
}

std::string Swarm::failure() const {
  return parts_->actors->failure();
}

Supervision Swarm::supervision() const {
  if (!parts_->supervisor) return parts_->last_supervision;
  return read_supervision(parts_->host, parts_->supervisor, counters_time_max);
}

SwarmMetrics Swarm::metrics() const {
  return parts_->actors->metrics();
}

DeadLetters& Swarm::dead_letters() const noexcept {
  return parts_->actors->dead_letters();
}

Result<void> Swarm::replay(DeadLetterId id) {
  if (!parts_->running) return Error{errc::unavailable, "the swarm does not run"};
  if (failed()) return Error{errc::unavailable, "the swarm has failed: " + failure()};
  auto letter = dead_letters().take(id);
  if (!letter)
    return Error{errc::not_found, "no such dead letter: replayed already, or gone because there were too many"};
  auto taken = parts_->give_back(*letter);
  if (!taken) dead_letters().put_back(std::move(*letter));
  return taken;
}

Result<SwarmTotals> Swarm::drain(milliseconds time_max, std::optional<std::chrono::nanoseconds> limit) {
  if (!parts_->running) return parts_->last_totals;
  const auto until = parts_->host.system.clock().now() + time_max;
  const auto begun = parts_->actors->metrics();
  const auto unfinished = parts_->drain(until);
  const bool out_of_time = parts_->host.system.clock().now() >= until;
  const bool overdue = !unfinished.empty();
  const auto counters_time = overdue ? overdue_time_max : counters_time_max;
  if (parts_->supervisor) {
    parts_->last_supervision = read_supervision(parts_->host, parts_->supervisor, counters_time);
  }
  parts_->end_supervisor(counters_time_max);
  const auto silence = parts_->cease(counters_time, Cease{.all_drained = !overdue});
  parts_->last_totals = parts_->read_totals(counters_time);
  const auto now = parts_->actors->metrics();
  parts_->last_totals.left = detail::records_left(parts_->plan, silence, {begun, now});
  parts_->end(overdue ? overdue_time_max : end_time_max);
  if (unfinished.empty()) return parts_->last_totals;
  const auto setting = " (drain_time_max of the node: " + to_string(limit.value_or(time_max)) + ")";
  return Error{errc::timed_out, "swarm '" + name() + "' was not drained in full" + (out_of_time ? setting : "") + ": " +
                                    text_of(unfinished)};
}

bool Swarm::reload() {
  bool any = false;
  const auto& plan = parts_->plan;
  for (auto part = static_cast<PartIndex>(plan.bees.size()); part < detail::part_count(plan); ++part) {
    if (!detail::gateway_at(plan, part)->configured.reloads) continue;
    any = true;
    for (const auto& gateway : parts_->actors->of(part)) {
      if (gateway) caf::anon_send(gateway, Reload{});
    }
  }
  return any;
}

PlacedSwarm& Swarm::placed() noexcept {
  return *parts_->actors;
}

bool Swarm::can_finish() const noexcept {
  if (parts_->host.site != nullptr) return false;
  const auto& plan = parts_->plan;
  const auto from = detail::sources(plan);
  const auto ends = [&](PartIndex part) { return detail::gateway_at(plan, part)->configured.ends; };
  return !from.empty() && std::ranges::all_of(from, ends);
}

bool Swarm::finished() const {
  if (!parts_->running) return true;
  if (!can_finish()) return false;
  ActorRound round(parts_->host, counters_time_max);
  for (const auto part : detail::sources(parts_->plan)) round.ask(parts_->actors->of(part).front(), ReadCounters{});
  const auto answers = round.answers();
  return std::ranges::all_of(answers, [](const auto& answer) { return counters_in<GatewayCounters>(answer).finished; });
}

}  // namespace skep
