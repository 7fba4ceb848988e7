#pragma once
// Decides what becomes of a group of children when one of them fails: OTP's supervisor. Pure: events and time in,
// actions out.
//
// Words and meanings are those of OTP's supervisor(3). Children start in order of rank, those of one rank together,
// each rank when the one before it is up; they stop in the opposite order. A child that ends is restarted as its
// `restart` says; more than `intensity` restarts within `period` and the supervisor gives up: it stops all children
// and is `failed`. A child that does not come up at the very first start makes it fail at once.
//
// Where it differs from OTP, and why: restarts wait (limits::restart_delay_min, doubled up to restart_delay_max while
// a child keeps failing), so that what is broken for a while is not hammered; children of one rank (replicas of a bee)
// start together; a child may stand `alone`, outside the group strategies (gateways); a child that is not up within its
// `start_time_max` has failed; after `kill` a child counts as gone, for a thread inside a call cannot be ended.
//
// Lifetime: owned by the actor that carries the actions out. Threads: that actor's. Every call may leave actions:
// `take_actions` gives them in the order in which they are to be done. What is still on its way from an earlier life of
// a child is told by its `ChildRun` and ignored.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "skep/actors/limits.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

enum class Strategy : std::uint8_t {
  one_for_one,   ///< restarts the child that failed
  one_for_all,   ///< restarts all
  rest_for_one,  ///< restarts the child that failed and those that were started after it
};

enum class Restart : std::uint8_t {
  permanent,  ///< always
  transient,  ///< only after an abnormal end
  temporary,  ///< never, not even when a group strategy has stopped it; its spec goes with it
};

enum class AutoShutdown : std::uint8_t {
  never,
  any_significant,  ///< stops when a significant child has ended by itself and is not restarted
  all_significant,  ///< stops when the last of them has
};

enum class ExitKind : std::uint8_t { normal, shutdown, abnormal };

struct SupervisorSettings {
  Strategy strategy = Strategy::one_for_one;
  std::uint32_t intensity = limits::restart_intensity;  ///< restarts within `period` that are borne; 0: none
  std::chrono::nanoseconds period = limits::restart_period;
  AutoShutdown auto_shutdown = AutoShutdown::never;
};

struct ChildSpec {
  std::string name;        ///< unique
  std::uint32_t rank = 0;  ///< lower ones start first
  Restart restart = Restart::permanent;
  /// From `stop` to `kill`; zero kills at once (OTP's `brutal_kill`), nothing waits for ever (`infinity`).
  std::optional<std::chrono::nanoseconds> shutdown = limits::shutdown_time_max;
  std::optional<std::chrono::nanoseconds> start_time_max = std::nullopt;
  bool significant = false;
  bool alone = false;  ///< always one_for_one, whatever the strategy
  bool starts = true;  ///< with the others; else when `place_child` says so
};

enum class ChildId : std::uint32_t {};

/// One life of a child: from a `start` to its end.
struct ChildRun {
  ChildId child{};
  std::uint32_t life = 0;
  friend bool operator==(ChildRun, ChildRun) = default;
};

struct SupervisorAction {
  enum class Kind : std::uint8_t {
    start,   ///< answer with `started` or `ended`
    stop,    ///< in good order; answer with `ended`
    kill,    ///< whatever it does; it counts as gone
    ready,   ///< all children are up for the first time
    failed,  ///< gave up; `stop`s follow. `failure()` says why
    ended,   ///< all children are down, and nothing more will happen
  };
  Kind kind;
  ChildRun run{};  ///< of start, stop and kill
};

class Supervisor {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;
  enum class Phase : std::uint8_t { created, starting, running, stopping, ended };
  enum class ChildState : std::uint8_t {
    down,      ///< ended and not to be restarted, or terminated
    waiting,   ///< to be started: OTP's `restarting`
    starting,  ///< told to start
    running,
    stopping,  ///< told to stop
    removed,   ///< its spec is gone
  };
  /// Why a child ended or did not start.
  struct Reason {
    Time at;
    std::string child;
    ExitKind kind;
    std::string text;
  };

  /// Errors: `errc::invalid_argument`: two children of one name, a significant child that is permanent or under a
  /// supervisor that never shuts itself down.
  [[nodiscard]] static Result<void> check(const SupervisorSettings& settings, const std::vector<ChildSpec>& children);
  /// `children` must pass `check`. Their ids count from 0.
  Supervisor(SupervisorSettings settings, std::vector<ChildSpec> children);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Events.
  void start(Time now);
  void started(ChildRun run, Time now);
  /// A child has ended, by itself or told to, or has not started.
  void ended(ChildRun run, ExitKind kind, std::string_view reason, Time now);
  void stop(Time now);
  /// Call no earlier than `due`.
  void tick(Time now);
  [[nodiscard]] std::optional<Time> due() const;
  [[nodiscard]] std::vector<SupervisorAction> take_actions() { return std::exchange(actions_, {}); }

  // Requests while it runs, as in supervisor(3). Errors: `errc::not_found`; `errc::invalid_argument` with OTP's word
  // (running, restarting, already_present, ...).
  /// If it does not start, it is forgotten.
  [[nodiscard]] Result<ChildId> start_child(ChildSpec spec, Time now);
  /// Stops it and keeps its spec; a temporary one is forgotten.
  [[nodiscard]] Result<void> terminate_child(ChildId child, Time now);
  /// Starts a child that is down. If it does not start, it stays down.
  [[nodiscard]] Result<void> restart_child(ChildId child, Time now);
  [[nodiscard]] Result<void> delete_child(ChildId child);
  /// A child that is down is to run here from now on: it starts in its order, and is restarted as its spec says. Does
  /// nothing where it is not down.
  void place_child(ChildId child, Time now);
  /// It runs elsewhere from now on: whoever calls has ended its actor. Its spec stays, whatever its `restart` says.
  void displace_child(ChildId child, Time now);

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  /// Why it gave up; empty while it has not.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  [[nodiscard]] errc failure_code() const noexcept { return failure_code_; }    ///< timed_out, or bee_failed
  [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }  ///< ids given out
  [[nodiscard]] const ChildSpec& spec(ChildId child) const { return at(child).spec; }
  [[nodiscard]] ChildState state(ChildId child) const { return at(child).state; }
  [[nodiscard]] ChildRun run(ChildId child) const { return {child, at(child).life}; }  ///< its last life
  /// A child that is told to stop will be started again.
  [[nodiscard]] bool comes_back(ChildId child) const { return at(child).comes_back; }
  [[nodiscard]] std::optional<ChildId> find(std::string_view name) const;
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_in_all_; }
  /// The last limits::failure_reasons_max, oldest first.
  [[nodiscard]] const std::deque<Reason>& reasons() const noexcept { return reasons_; }

 private:
  struct Child {
    ChildSpec spec;
    ChildState state = ChildState::down;
    std::uint32_t life = 0;
    std::uint32_t failures_in_row = 0;
    bool in_order = false;    ///< starts when the ranks before it are up
    bool comes_back = false;  ///< to be started again once it is down
    bool asked_for = false;   ///< by start_child or restart_child: a failed start is not repeated
    Time up_since{};
    std::optional<Time> timer{};
  };
  using Place = std::pair<std::uint32_t, ChildId>;  ///< rank first

  [[nodiscard]] Child& at(ChildId child) { return children_[static_cast<std::size_t>(child)]; }
  [[nodiscard]] const Child& at(ChildId child) const { return children_[static_cast<std::size_t>(child)]; }
  [[nodiscard]] bool known(ChildId child) const noexcept;
  [[nodiscard]] Place place(ChildId child) const { return {at(child).spec.rank, child}; }
  [[nodiscard]] bool alone(const Child& child) const noexcept;

  void note(const Child& child, ExitKind kind, std::string_view text, Time now);
  void set_timer(ChildId child, Time at);
  void clear_timer(ChildId child);
  void leave(ChildId child);
  void wait_in_order(ChildId child);
  void tell_start(ChildId child, Time now);
  void tell_stop(ChildId child, Time now);
  void must_stop(ChildId child);
  void after_stop(ChildId child);
  void start_failed(ChildId child, std::string_view reason, Time now);
  void ended_by_itself(ChildId child, ExitKind kind, Time now);
  void finish(ChildId child);
  void restart(ChildId child, Time now);
  void restart_group(ChildId failed);
  [[nodiscard]] bool too_many_restarts(Time now);
  [[nodiscard]] Duration back_off(Child& child, Time now);
  void on_timer(ChildId child, Time now);
  void shut_down();
  void give_up(std::string why);
  void advance(Time now);
  void advance_stops(Time now);
  void advance_starts(Time now);

  SupervisorSettings settings_;
  Phase phase_ = Phase::created;
  std::deque<Child> children_;                             // which leaves each where it is
  std::unordered_map<std::string_view, ChildId> by_name_;  ///< of children_
  std::set<Place> to_start_, starting_;                    ///< in order; without those that start by themselves
  std::set<Place> to_stop_, stopping_;
  std::optional<Time> starts_at_;  ///< `to_start_` waits until then
  std::set<std::pair<Time, ChildId>> timers_;
  std::size_t alive_ = 0;           ///< starting, running, stopping
  std::deque<Time> restart_times_;  ///< within the last period
  std::uint64_t restarts_in_all_ = 0;
  std::deque<Reason> reasons_;
  std::string failure_;
  errc failure_code_ = errc::bee_failed;
  std::vector<SupervisorAction> actions_;
};

}  // namespace skep
