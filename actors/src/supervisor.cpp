#include "skep/actors/supervisor.hpp"

#include <algorithm>
#include <cassert>

#include "skep/actors/option.hpp"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

using Kind = SupervisorAction::Kind;
using State = Supervisor::ChildState;

Error refusal(std::string text) {
  return {errc::invalid_argument, std::move(text)};
}

Error unknown_child() {
  return {errc::not_found, "not_found: no such child"};
}

Result<void> check_child(const SupervisorSettings& settings, const ChildSpec& spec) {
  if (!spec.significant) return {};
  if (spec.restart == Restart::permanent) {
    return refusal("child '" + spec.name + "' is permanent: it cannot be significant");
  }
  if (settings.auto_shutdown == AutoShutdown::never) {
    return refusal("child '" + spec.name + "' is significant, but auto_shutdown is never");
  }
  return {};
}

bool is_alive(State state) noexcept {
  return state == State::starting || state == State::running || state == State::stopping;
}

}  // namespace

Result<void> Supervisor::check(const SupervisorSettings& settings, const std::vector<ChildSpec>& children) {
  std::set<std::string_view> names;
  for (const auto& spec : children) {
    if (!names.insert(spec.name).second) return refusal("duplicate_child_name: '" + spec.name + "'");
    if (auto checked = check_child(settings, spec); !checked) return checked;
  }
  return {};
}

Supervisor::Supervisor(SupervisorSettings settings, std::vector<ChildSpec> children) : settings_(settings) {
  assert(check(settings, children).ok());
  by_name_.reserve(children.size());
  for (auto& spec : children) {
    children_.push_back({.spec = std::move(spec)});
    by_name_.emplace(children_.back().spec.name, ChildId(children_.size() - 1));
  }
}

bool Supervisor::known(ChildId child) const noexcept {
  return static_cast<std::size_t>(child) < children_.size() && at(child).state != State::removed;
}

bool Supervisor::alone(const Child& child) const noexcept {
  return settings_.strategy == Strategy::one_for_one || child.spec.alone;
}

std::optional<ChildId> Supervisor::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

void Supervisor::note(const Child& child, ExitKind kind, std::string_view text, Time now) {
  if (reasons_.size() >= limits::failure_reasons_max) reasons_.pop_front();
  reasons_.push_back({now, child.spec.name, kind, std::string(utf8_prefix(text, limits::message_bytes_max))});
}

// One timer a child: of its start, its shutdown or its next restart.

void Supervisor::set_timer(ChildId child, Time at_time) {
  clear_timer(child);
  at(child).timer = at_time;
  timers_.emplace(at_time, child);
}

void Supervisor::clear_timer(ChildId child) {
  auto& timer = at(child).timer;
  if (timer) timers_.erase({*timer, child});
  timer.reset();
}

/// Out of every set it stands in.
void Supervisor::leave(ChildId child) {
  clear_timer(child);
  assert(!is_alive(at(child).state) || alive_ > 0);
  if (is_alive(at(child).state)) --alive_;
  for (auto* places : {&to_start_, &starting_, &to_stop_, &stopping_}) places->erase(place(child));
}

void Supervisor::wait_in_order(ChildId child) {
  auto& waiting = at(child);
  waiting.state = State::waiting;
  waiting.in_order = true;
  waiting.comes_back = false;
  to_start_.insert(place(child));
}

void Supervisor::tell_start(ChildId child, Time now) {
  auto& started = at(child);
  clear_timer(child);
  started.state = State::starting;
  ++started.life;
  ++alive_;
  if (started.in_order) starting_.insert(place(child));
  if (started.spec.start_time_max) set_timer(child, now + *started.spec.start_time_max);
  actions_.push_back({Kind::start, {child, started.life}});
}

void Supervisor::tell_stop(ChildId child, Time now) {
  auto& stopped = at(child);
  clear_timer(child);
  const auto& time_max = stopped.spec.shutdown;
  if (time_max && *time_max == Duration::zero()) {
    actions_.push_back({Kind::kill, {child, stopped.life}});
    return after_stop(child);
  }
  stopped.state = State::stopping;
  stopping_.insert(place(child));
  if (time_max) set_timer(child, now + *time_max);
  actions_.push_back({Kind::stop, {child, stopped.life}});
}

void Supervisor::must_stop(ChildId child) {
  auto& stopped = at(child);
  assert(stopped.state == State::starting || stopped.state == State::running);
  starting_.erase(place(child));
  clear_timer(child);
  to_stop_.insert(place(child));
}

void Supervisor::after_stop(ChildId child) {
  leave(child);
  auto& gone = at(child);
  gone.state = State::down;
  gone.asked_for = false;
  if (gone.comes_back) return wait_in_order(child);
  if (gone.spec.restart == Restart::temporary) static_cast<void>(delete_child(child));
}

// Events.

void Supervisor::start(Time now) {
  assert(phase_ == Phase::created);
  phase_ = Phase::starting;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (children_[i].spec.starts) wait_in_order(ChildId(i));
  }
  advance(now);
}

void Supervisor::started(ChildRun run, Time now) {
  if (!known(run.child) || at(run.child).life != run.life || at(run.child).state != State::starting) return;
  auto& child = at(run.child);
  clear_timer(run.child);
  starting_.erase(place(run.child));
  child.state = State::running;
  child.asked_for = false;
  child.up_since = now;
  advance(now);
}

void Supervisor::ended(ChildRun run, ExitKind kind, std::string_view reason, Time now) {
  if (!known(run.child) || at(run.child).life != run.life || !is_alive(at(run.child).state)) return;
  const auto& child = at(run.child);
  const bool told = child.state == State::stopping || to_stop_.count(place(run.child)) != 0;
  if (kind == ExitKind::abnormal || !told) note(child, kind, reason, now);
  if (told) {
    after_stop(run.child);
  } else if (child.state == State::starting) {
    start_failed(run.child, reason, now);
  } else {
    ended_by_itself(run.child, kind, now);
  }
  advance(now);
}

void Supervisor::start_failed(ChildId id, std::string_view reason, Time now) {
  auto& child = at(id);
  const bool first = phase_ == Phase::starting && child.life == 1;
  const auto why = child.spec.name + " did not start: " + std::string(utf8_prefix(reason, limits::message_bytes_max));
  if (child.asked_for) {
    leave(id);
    child.state = State::down;
    child.asked_for = false;
    if (child.life == 1 || child.spec.restart == Restart::temporary) static_cast<void>(delete_child(id));
  } else if (first) {
    leave(id);
    child.state = State::down;
    give_up(why);
  } else {
    restart(id, now);
  }
}

void Supervisor::ended_by_itself(ChildId id, ExitKind kind, Time now) {
  const auto& spec = at(id).spec;
  const bool again =
      spec.restart == Restart::permanent || (spec.restart == Restart::transient && kind == ExitKind::abnormal);
  if (again) return restart(id, now);
  finish(id);
}

/// It has ended for good; perhaps the others end with it.
void Supervisor::finish(ChildId id) {
  const bool significant = at(id).spec.significant;
  leave(id);
  at(id).state = State::down;
  if (at(id).spec.restart == Restart::temporary) static_cast<void>(delete_child(id));
  if (!significant || settings_.auto_shutdown == AutoShutdown::never || phase_ == Phase::stopping) return;
  const auto lives = [](const Child& child) {
    return child.spec.significant && (is_alive(child.state) || child.state == State::waiting);
  };
  if (settings_.auto_shutdown == AutoShutdown::all_significant && std::ranges::any_of(children_, lives)) return;
  shut_down();
}

void Supervisor::restart(ChildId id, Time now) {
  auto& child = at(id);
  leave(id);
  child.state = State::down;
  if (too_many_restarts(now)) {
    const auto& last = reasons_.empty() ? std::string() : reasons_.back().text;
    return give_up("more than " + counted(settings_.intensity, "restart") + " within " + to_string(settings_.period) +
                   "; the last, of " + child.spec.name + ": " + last);
  }
  ++restarts_in_all_;
  const auto at_time = now + back_off(child, now);
  if (alone(child)) {
    child.state = State::waiting;
    child.in_order = false;
    return set_timer(id, at_time);
  }
  wait_in_order(id);
  starts_at_ = std::max(at_time, starts_at_.value_or(at_time));
  restart_group(id);
}

void Supervisor::restart_group(ChildId failed) {
  const auto rank = at(failed).spec.rank;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& child = children_[i];
    const auto id = ChildId(i);
    const bool outside = settings_.strategy == Strategy::rest_for_one && child.spec.rank <= rank;
    if (id == failed || outside || child.spec.alone || child.state == State::removed) continue;
    child.comes_back = child.spec.restart != Restart::temporary;
    child.asked_for = false;
    const bool must = to_stop_.count(place(id)) != 0;
    if ((child.state == State::running || child.state == State::starting) && !must) must_stop(id);
    if (child.state == State::down) wait_in_order(id);  // what had ended well comes back with the others
  }
}

/// As OTP: a restart exactly one period ago still counts.
bool Supervisor::too_many_restarts(Time now) {
  restart_times_.push_back(now);
  while (restart_times_.front() + settings_.period < now) restart_times_.pop_front();
  return restart_times_.size() > settings_.intensity;
}

Supervisor::Duration Supervisor::back_off(Child& child, Time now) {
  const bool was_up = child.up_since != Time{} && now - child.up_since > settings_.period;
  if (was_up) child.failures_in_row = 0;
  child.up_since = {};
  const auto doublings = std::min(child.failures_in_row++, 16u);
  return std::min<Duration>(limits::restart_delay_max, limits::restart_delay_min * (1u << doublings));
}

void Supervisor::stop(Time now) {
  if (phase_ == Phase::stopping || phase_ == Phase::ended) return;
  shut_down();
  advance(now);
}

std::optional<Supervisor::Time> Supervisor::due() const {
  std::optional<Time> next;
  if (!timers_.empty()) next = timers_.begin()->first;
  const bool starts_wait = starts_at_ && !to_start_.empty() && to_stop_.empty() && stopping_.empty();
  if (starts_wait && (!next || *starts_at_ < *next)) next = starts_at_;
  return next;
}

void Supervisor::tick(Time now) {
  while (!timers_.empty() && timers_.begin()->first <= now) on_timer(timers_.begin()->second, now);
  advance(now);
}

void Supervisor::on_timer(ChildId id, Time now) {
  auto& child = at(id);
  clear_timer(id);
  if (child.state == State::waiting) return tell_start(id, now);
  assert(child.state == State::starting || child.state == State::stopping);
  actions_.push_back({Kind::kill, {id, child.life}});
  if (child.state == State::stopping) {
    note(child, ExitKind::abnormal, "did not stop in time", now);
    return after_stop(id);
  }
  const auto text = "not ready within " + to_string(*child.spec.start_time_max);
  note(child, ExitKind::abnormal, text, now);
  if (phase_ == Phase::starting) failure_code_ = errc::timed_out;  // if it is given up for this
  start_failed(id, text, now);
  if (failure_.empty()) failure_code_ = errc::bee_failed;
}

// The end.

void Supervisor::give_up(std::string why) {
  failure_ = std::move(why);
  actions_.push_back({Kind::failed});
  shut_down();
}

void Supervisor::shut_down() {
  phase_ = Phase::stopping;
  starts_at_.reset();
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& child = children_[i];
    const auto id = ChildId(i);
    child.comes_back = false;
    if (child.state == State::waiting) {
      leave(id);
      child.state = State::down;
    } else if ((child.state == State::running || child.state == State::starting) && to_stop_.count(place(id)) == 0) {
      must_stop(id);
    }
  }
}

// What may be done now.

void Supervisor::advance(Time now) {
  if (phase_ == Phase::created || phase_ == Phase::ended) return;
  advance_stops(now);
  if (phase_ != Phase::stopping) return advance_starts(now);
  if (alive_ != 0) return;
  phase_ = Phase::ended;
  actions_.push_back({Kind::ended});
}

/// The highest rank first; the next when all of it are down.
void Supervisor::advance_stops(Time now) {
  while (!to_stop_.empty()) {
    const auto [rank, child] = *to_stop_.rbegin();
    if (!stopping_.empty() && stopping_.rbegin()->first > rank) return;
    to_stop_.erase(std::prev(to_stop_.end()));
    tell_stop(child, now);
  }
}

/// The lowest rank first; the next when all of it are up.
void Supervisor::advance_starts(Time now) {
  if (!to_stop_.empty() || !stopping_.empty() || (starts_at_ && *starts_at_ > now)) return;
  starts_at_.reset();
  while (!to_start_.empty() && (starting_.empty() || to_start_.begin()->first <= starting_.begin()->first)) {
    const auto child = to_start_.begin()->second;
    to_start_.erase(to_start_.begin());
    tell_start(child, now);
  }
  if (phase_ != Phase::starting || !to_start_.empty() || !starting_.empty()) return;
  phase_ = Phase::running;
  actions_.push_back({Kind::ready});
}

// Requests.

Result<ChildId> Supervisor::start_child(ChildSpec spec, Time now) {
  if (phase_ == Phase::stopping || phase_ == Phase::ended) return refusal("the supervisor is shutting down");
  if (const auto present = find(spec.name)) {
    return refusal(is_alive(at(*present).state) ? "already_started" : "already_present");
  }
  if (const auto checked = check_child(settings_, spec); !checked) return checked.error();
  const auto id = ChildId(children_.size());
  children_.push_back({.spec = std::move(spec)});
  by_name_.emplace(children_.back().spec.name, id);
  if (phase_ == Phase::created) return id;
  at(id).asked_for = true;
  tell_start(id, now);
  return id;
}

void Supervisor::place_child(ChildId id, Time now) {
  if (!known(id) || phase_ == Phase::stopping || phase_ == Phase::ended || at(id).state != State::down) return;
  wait_in_order(id);
  advance(now);
}

void Supervisor::displace_child(ChildId id, Time now) {
  if (!known(id)) return;
  auto& child = at(id);
  leave(id);
  child.state = State::down;
  child.comes_back = child.asked_for = false;
  ++child.life;  // what is still said of the one before counts no more
  advance(now);
}

Result<void> Supervisor::terminate_child(ChildId id, Time now) {
  if (!known(id)) return unknown_child();
  auto& child = at(id);
  child.comes_back = false;
  if (child.state == State::waiting) {
    leave(id);
    child.state = State::down;
  } else if ((child.state == State::starting || child.state == State::running) && to_stop_.count(place(id)) == 0) {
    must_stop(id);
  }
  advance(now);
  return {};
}

Result<void> Supervisor::restart_child(ChildId id, Time now) {
  if (!known(id)) return unknown_child();
  if (phase_ == Phase::stopping || phase_ == Phase::ended) return refusal("the supervisor is shutting down");
  auto& child = at(id);
  if (child.state == State::waiting) return refusal("restarting");
  if (child.state != State::down) return refusal("running");
  child.asked_for = true;
  child.in_order = false;
  tell_start(id, now);
  return {};
}

Result<void> Supervisor::delete_child(ChildId id) {
  if (!known(id)) return unknown_child();
  auto& child = at(id);
  if (child.state == State::waiting) return refusal("restarting");
  if (child.state != State::down) return refusal("running");
  child.state = State::removed;
  by_name_.erase(child.spec.name);
  return {};
}

}  // namespace skep
