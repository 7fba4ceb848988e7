#include "skep/actors/supervisor_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/result.hpp>

#include <algorithm>
#include <cassert>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "skep/actors/caf_error.hpp"

namespace skep {
namespace {

/// To oneself, delayed: something was due at `at`.
struct SupervisorTick {
  std::chrono::steady_clock::time_point at;
};

}  // namespace
}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::SupervisorTick)

namespace skep {

SupervisedActors::~SupervisedActors() = default;

namespace {

ExitKind kind_of(const caf::error& reason) {
  if (!reason) return ExitKind::normal;
  if (reason == caf::exit_reason::user_shutdown) return ExitKind::shutdown;
  return ExitKind::abnormal;
}

std::set<ChildId> as_set(const std::vector<ChildId>& children) {
  return {children.begin(), children.end()};
}

class SupervisorActor final : public caf::event_based_actor {
 public:
  using Time = Supervisor::Time;
  using State = Supervisor::ChildState;

  SupervisorActor(caf::actor_config& config, SupervisorActorSettings settings);
  const char* name() const override { return "skep.supervisor"; }
  void on_exit() override { starting_.reset(); }  // a promise holds its own actor

 protected:
  caf::behavior make_behavior() override;

 private:
  using Started = caf::response_promise;
  struct Member {
    bool gone = false;       ///< its actor has ended, or was given up
    bool untried = true;     ///< its actor has not had a routing table
    bool refused = false;    ///< it was told that it will not come back
    bool closed = false;     ///< its senders were told so
    bool outdated = false;   ///< the table that it starts with is
    bool elsewhere = false;  ///< on another node
    bool placed = false;     ///< here, and not started since
  };

  Started start_children();
  void take_down(const caf::down_msg& message);
  void take_failure(const BeeFailed& message);
  void take_stuck(const BeeStuck& message);
  [[nodiscard]] Supervision supervision() const;

  [[nodiscard]] Member& member(ChildId child) { return members_[static_cast<std::size_t>(child)]; }
  void place_here(ChildId child);
  void end_here(ChildId child);
  void watch(ChildId child);
  void carry_out();
  void perform(const SupervisorAction& action);
  void start(ChildRun run);
  void started(ChildRun run);
  void not_started(ChildRun run, const Error& error);
  void respawn(ChildRun run);
  void stop(ChildRun run);
  void give_up_actor(ChildId child);
  [[nodiscard]] bool is_down(ChildId child) const;
  void refuse_all_that_are_down();
  void retable(const std::set<ChildId>& children);
  void say_failed();
  void answer_start();
  void arm();
  void log(LogLevel level, std::string_view text) const {
    if (settings_.log) settings_.log(level, "supervisor", text);
  }

  SupervisorActorSettings settings_;
  Supervisor core_;
  std::vector<Member> members_;
  std::unordered_map<caf::actor_addr, ChildId> by_address_;
  std::optional<Started> starting_;
  std::optional<Time> armed_;
  bool has_failed_ = false;  ///< by the actions that are carried out now
};

SupervisorActor::SupervisorActor(caf::actor_config& config, SupervisorActorSettings settings)
    : caf::event_based_actor(config),
      settings_(std::move(settings)),
      core_(settings_.supervision, std::exchange(settings_.children, {})),
      members_(core_.size()) {
  set_default_handler(caf::drop);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& message) { take_down(message); });
  set_exit_handler([this](caf::scheduled_actor*, caf::exit_msg& message) { quit(std::move(message.reason)); });
}

caf::behavior SupervisorActor::make_behavior() {
  return {
      [this](StartChildren) { return start_children(); },
      [this](const BeeFailed& message) { take_failure(message); },
      [this](const BeeStuck& message) { take_stuck(message); },
      [this](const SupervisorTick& message) {
        if (armed_ == message.at) armed_.reset();
        core_.tick(clock().now());
        carry_out();
      },
      [this](PlaceChild message) { message.here ? place_here(message.child) : end_here(message.child); },
      [this](RenewTables) { retable(settings_.actors->take_outdated()); },
      [this](ReadSupervision) { return supervision(); },
  };
}

SupervisorActor::Started SupervisorActor::start_children() {
  auto promise = make_response_promise();
  if (core_.phase() != Supervisor::Phase::created) {
    promise.deliver(to_caf_error({errc::invalid_argument, "started already"}));
    return promise;
  }
  starting_ = promise;
  for (std::size_t child = 0; child < core_.size(); ++child) {
    if (core_.spec(ChildId(child)).starts) {
      watch(ChildId(child));
    } else {
      member(ChildId(child)).gone = member(ChildId(child)).elsewhere = true;
    }
  }
  core_.start(clock().now());
  carry_out();
  return promise;
}

void SupervisorActor::place_here(ChildId child) {
  member(child).placed = true;
  member(child).elsewhere = false;
  core_.place_child(child, clock().now());
  carry_out();
}

void SupervisorActor::end_here(ChildId child) {
  if (!member(child).gone) give_up_actor(child);
  member(child).elsewhere = true;
  retable(as_set(settings_.actors->placed_elsewhere(child)));
  core_.displace_child(child, clock().now());
  carry_out();
}

void SupervisorActor::watch(ChildId child) {
  const auto actor = settings_.actors->actor(child);
  monitor(actor);
  by_address_[actor.address()] = child;
}

void SupervisorActor::take_down(const caf::down_msg& message) {
  const auto found = by_address_.find(message.source);
  if (found == by_address_.end()) return;
  const auto child = found->second;
  by_address_.erase(found);
  member(child).gone = true;
  const auto reason = message.reason ? from_caf_error(message.reason).message : "ended";
  log(LogLevel::error, core_.spec(child).name + ": its actor has ended: " + reason);
  core_.ended(core_.run(child), kind_of(message.reason), reason, clock().now());
  carry_out();
  refuse_all_that_are_down();
}

void SupervisorActor::take_failure(const BeeFailed& message) {
  core_.ended(message.run, ExitKind::abnormal, message.reason, clock().now());
  carry_out();
  refuse_all_that_are_down();
}

/// Told by the actor and not by its life: whatever it has become since, it is the actor that does not return.
void SupervisorActor::take_stuck(const BeeStuck& message) {
  const auto found = by_address_.find(message.bee);
  if (found == by_address_.end()) return;  // given up already
  const auto child = found->second;
  log(LogLevel::error, core_.spec(child).name + " is given up with its thread: " + message.reason);
  give_up_actor(child);
  core_.ended(core_.run(child), ExitKind::abnormal, message.reason, clock().now());
  carry_out();
  refuse_all_that_are_down();
}

Supervision SupervisorActor::supervision() const {
  const auto& reasons = core_.reasons();
  return {core_.phase(), core_.failure(), core_.restarts(), {reasons.begin(), reasons.end()}};
}

void SupervisorActor::carry_out() {
  for (auto actions = core_.take_actions(); !actions.empty(); actions = core_.take_actions()) {
    for (const auto& action : actions) perform(action);
  }
  if (std::exchange(has_failed_, false)) refuse_all_that_are_down();  // gateways have been told why
  arm();
}

void SupervisorActor::perform(const SupervisorAction& action) {
  switch (action.kind) {
    case SupervisorAction::Kind::start:
      return start(action.run);
    case SupervisorAction::Kind::stop:
      return stop(action.run);
    case SupervisorAction::Kind::kill:
      return give_up_actor(action.run.child);
    case SupervisorAction::Kind::failed:
      return say_failed();
    case SupervisorAction::Kind::ready:
    case SupervisorAction::Kind::ended:
      return answer_start();
  }
}

void SupervisorActor::start(ChildRun run) {
  if (!std::exchange(member(run.child).placed, false) && run.life > 1) {
    log(LogLevel::warning, "restarting " + core_.spec(run.child).name);
    settings_.actors->restarted(run.child);
  }
  if (member(run.child).gone) respawn(run);
  member(run.child).refused = false;
  if (std::exchange(member(run.child).closed, false)) {
    retable(as_set(settings_.actors->set_receives(run.child, SupervisedActors::Receives::yes)));
  }
  const auto actor = settings_.actors->actor(run.child);
  const auto up = [this, run] { started(run); };
  const auto down = [this, run](caf::error& error) { not_started(run, from_caf_error(error)); };
  if (member(run.child).untried) {
    member(run.child).outdated = false;
    request(actor, caf::infinite, settings_.actors->table(run.child)).then(up, down);
  } else {
    request(actor, caf::infinite, RestartBee{run.life}).then(up, down);
  }
}

void SupervisorActor::started(ChildRun run) {
  if (core_.run(run.child) != run) return;
  member(run.child).untried = false;
  if (std::exchange(member(run.child).outdated, false)) retable({run.child});
  core_.started(run, clock().now());
  settings_.actors->up(run.child);
  carry_out();
}

void SupervisorActor::not_started(ChildRun run, const Error& error) {
  if (core_.run(run.child) != run) return;
  if (core_.phase() != Supervisor::Phase::starting) {
    log(LogLevel::error, core_.spec(run.child).name + " did not start: " + error.message);
  }
  if (member(run.child).untried) give_up_actor(run.child);  // the next life has an actor that has not tried
  core_.ended(run, ExitKind::abnormal, error.message, clock().now());
  carry_out();
}

void SupervisorActor::respawn(ChildRun run) {
  const auto affected = settings_.actors->respawn(run);
  member(run.child) = Member{};
  watch(run.child);
  retable(as_set(affected));
}

/// Sends new tables to those that have one; others get theirs when they start, or have started.
void SupervisorActor::retable(const std::set<ChildId>& children) {
  for (const auto child : children) {
    if (member(child).gone) continue;
    member(child).outdated = member(child).untried;
    if (member(child).untried) continue;
    send(settings_.actors->actor(child), settings_.actors->table(child));
  }
}

void SupervisorActor::stop(ChildRun run) {
  const auto actor = settings_.actors->actor(run.child);
  if (!actor) return;  // placed elsewhere
  const auto down = [this, run] {
    core_.ended(run, ExitKind::shutdown, "", clock().now());
    carry_out();
  };
  const auto gone = [down](caf::error&) { down(); };
  if (settings_.actors->is_gateway(run.child)) {
    member(run.child).refused = true;
    request(actor, caf::infinite, BecomeUnavailable{core_.failure()}).then(down, gone);
    return;
  }
  const bool keep = core_.comes_back(run.child);
  member(run.child).refused = !keep;
  request(actor, caf::infinite, HaltBee{keep ? HaltBee::Queue::keep : HaltBee::Queue::refuse}).then(down, gone);
}

void SupervisorActor::give_up_actor(ChildId child) {
  if (member(child).gone) return;
  member(child).gone = true;
  const auto actor = settings_.actors->actor(child);
  by_address_.erase(actor.address());
  demonitor(actor);
  send_exit(actor, caf::exit_reason::kill);
}

bool SupervisorActor::is_down(ChildId child) const {
  return core_.state(child) == State::down || core_.state(child) == State::removed;
}

/// Nobody is to wait at a bee that will not come back, or to send to it. Called after failures only, so it may look at
/// all. Once the swarm has failed its senders refuse too, and need not know, but for those that wait for an actor that
/// was given up.
void SupervisorActor::refuse_all_that_are_down() {
  std::set<ChildId> senders;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto child = ChildId(i);
    auto& each = members_[i];
    if (!is_down(child) || each.elsewhere || settings_.actors->is_gateway(child)) continue;
    if ((core_.phase() == Supervisor::Phase::running || each.gone) && !std::exchange(each.closed, true)) {
      const auto receives = each.gone ? SupervisedActors::Receives::never : SupervisedActors::Receives::no;
      senders.merge(as_set(settings_.actors->set_receives(child, receives)));
    }
    if (each.gone || std::exchange(each.refused, true)) continue;
    send(settings_.actors->actor(child), HaltBee{HaltBee::Queue::refuse});
  }
  retable(senders);
}

void SupervisorActor::say_failed() {
  log(LogLevel::error, "swarm '" + settings_.swarm + "' has failed: " + core_.failure());
  settings_.actors->failed(core_.failure());
  has_failed_ = true;
}

void SupervisorActor::answer_start() {
  if (!starting_) return;
  if (core_.failure().empty()) {
    starting_->deliver(caf::unit);
  } else {
    starting_->deliver(to_caf_error({core_.failure_code(), core_.failure()}));
  }
  starting_.reset();
}

void SupervisorActor::arm() {
  const auto due = core_.due();
  if (!due || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  delayed_send(this, std::max(*due - clock().now(), Time::duration::zero()), SupervisorTick{*due});
}

}  // namespace

caf::actor spawn_supervisor(caf::actor_system& system, SupervisorActorSettings settings) {
  assert(settings.actors != nullptr);
  const bool dedicated = settings.execution == Execution::dedicated;
  if (dedicated) return system.spawn<SupervisorActor, caf::detached>(std::move(settings));
  return system.spawn<SupervisorActor>(std::move(settings));
}

}  // namespace skep
