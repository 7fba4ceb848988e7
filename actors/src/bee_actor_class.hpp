#pragma once
// The actor that hosts one bee: bee_actor.cpp has what it is told and its life, bee_actor_work.cpp its slices of work.

#include <caf/event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bee_surroundings.hpp"
#include "egress.hpp"
#include "intake.hpp"
#include "pacer.hpp"
#include "skep/actors/bee_actor.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/supervision_messages.hpp"
#include "slice_mean.hpp"
#include "spent_mean.hpp"

namespace skep {

/// To oneself: work was put off until here.
struct GoOn {};

/// To oneself, delayed: something was due at `at`.
struct WakeUp {
  std::chrono::steady_clock::time_point at;
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::GoOn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::WakeUp)

namespace skep {

/// Every handler ends in `proceed`, which works on what has come unless more messages wait: what lies in the mailbox
/// together, credit too, is worked on together. Work that is put off has a GoOn at the end of the mailbox, so that no
/// wake-up is lost and nothing is put off twice.
class BeeActor final : public caf::event_based_actor, private WatchedBee {
 public:
  using Time = std::chrono::steady_clock::time_point;

  BeeActor(caf::actor_config& config, BeeSettings settings);

  const char* name() const override { return "skep.bee"; }
  resume_result resume(caf::execution_unit* unit, std::size_t messages_max) override;
  void on_exit() override;
  /// See may_run_inline.
  [[nodiscard]] bool is_brief() const noexcept {
    return inline_time_max_ > Time::duration::zero() && slice_mean_.get() <= inline_time_max_;
  }

 protected:
  caf::behavior make_behavior() override;

 private:
  using Drained = caf::typed_response_promise<BeeCounters>;
  enum class Life : std::uint8_t {
    created,   ///< waits for its first RoutingTable
    started,   ///< runs, or waits for its supervisor to restart it
    draining,  ///< finishes what it has
    halted,    ///< by its supervisor: refuses everything
    stopped,   ///< `on_stop` was called
    ceased,    ///< there was no more time: it only counts what it has, and what still comes
  };

  class Handling;
  [[nodiscard]] static caf::behavior handlers();
  void set_handlers();
  [[nodiscard]] std::string watched_name() const override;
  void on_abandoned(const std::string& why) override;
  caf::result<void> adopt(RoutingTable& table);
  void receive(RecordBatch& batch);
  caf::result<void> replay(Replay& message);
  void refuse_all(std::string_view why);
  caf::result<void> restart(const RestartBee& message);
  void end_object();
  void halt(const HaltBee& message);
  void report_failure();
  void wake_up(const WakeUp& message);
  Drained drain();
  void cease();
  [[nodiscard]] BeeCounters counters() const;
  void count_foreign();

  [[nodiscard]] Intake& intake();
  [[nodiscard]] std::size_t queued() const noexcept { return intake_ ? intake_->size() : 0; }
  [[nodiscard]] std::optional<Time> work_due() const;
  [[nodiscard]] bool keeps() const noexcept { return delivery_ == Delivery::at_least_once; }
  [[nodiscard]] bool may_work() const noexcept;
  void proceed();
  void act();
  void go_on_later();
  void work(Time now);
  void worked(std::size_t records, std::chrono::nanoseconds duration);
  [[nodiscard]] std::size_t work_on_records(Time now);
  [[nodiscard]] static std::span<Record>::iterator first_unwanted(std::span<Record> records, const Unwanted& unwanted);
  [[nodiscard]] std::size_t work_on(std::span<Record> records, Time now);
  [[nodiscard]] bool fire_timers(Time now);
  void acknowledge();
  void end_unwanted(const Record& record, Time now);
  void take_output();
  void arm_wake_up();
  [[nodiscard]] std::optional<Time> next_due() const;
  void hurry();
  void finish_drain();
  void publish();

  const std::string swarm_;
  const Epoch epoch_;
  const Delivery delivery_;  ///< of what comes in
  const std::optional<BatchSettings> batches_;
  BeeMeterPtr meter_;     // before those that write in it
  BeeCounters counters_;  // but for what the runner counts
  BeeSurroundings surroundings_;
  BeeRunner runner_;
  const DepartedSessions* departed_;
  std::unique_ptr<Intake> intake_;  ///< from a sender's first message on: of many replicas most may never have one
  Egress egress_;
  Pacer pacer_;
  Life life_ = Life::created;
  std::vector<Drained> drains_;
  SpentMean slice_spent_;  ///< until the slice began
  const std::chrono::nanoseconds inline_time_max_;
  SliceMean slice_mean_;     ///< begins above that: some 180 short ones have to be seen
  bool will_go_on_ = false;  ///< a GoOn is in the mailbox
  std::optional<Time> armed_;
  caf::actor supervisor_;
  ChildRun run_;
  bool reported_ = false;                   ///< that this life has ended
  std::optional<BeeCalls::Entry> watched_;  // last: until it goes, others are read by whoever watches
};

}  // namespace skep
