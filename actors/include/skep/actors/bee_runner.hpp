#pragma once
// Runs one bee's callbacks and keeps a failure to the record that caused it. Pure: no actor system, no clock.
//
// Used by the actor that hosts a bee and by BeeHarness, so that a test sees what production does. A throw other than
// BadRecord takes the call's output back, answers the record's client with an error and replaces the object. A throw
// from `on_batch` runs the records again one by one. What an object holds is lost with it: clients are told, counted. A
// failure that is no single record's (a new object that does not start, a timer that throws, limits::throws_in_row_max
// throws without a success) leaves the bee without an object: whoever hosts it decides when to `start` again.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/actors/call_mark.hpp"
#include "skep/actors/outbox.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// Types of a bee's ports by index, for BeeRunner::Settings.
[[nodiscard]] std::vector<PayloadType> types_of(const std::vector<PortDescription>& outputs);

/// What hosts a bee: its context, and what the bee itself must not see.
class BeeHost : public BeeContext {
 public:
  /// The object that started them is being replaced.
  virtual void cancel_timers() = 0;
  /// A record is lost; for the log, and for the dead letters where the bee is to blame.
  virtual void on_loss(const Record& record, errc code, std::string_view reason) = 0;
  /// So many records that were held are lost; for the log.
  virtual void on_held_loss(std::size_t records, std::string_view reason) = 0;
};

class BeeRunner {
 public:
  struct Settings {
    bool takes_batches = false;
    bool holds_records = false;
    HeldLimits held{};
    std::vector<PayloadType> output_types{};  ///< by port; empty: of no port it is said
  };
  struct Counts {
    std::uint64_t failed = 0;       ///< records that a throw cost
    std::uint64_t bad = 0;          ///< records that were BadRecord
    std::uint64_t held_lost = 0;    ///< records that were held, and were lost with their object or their call
    std::uint64_t held_at_end = 0;  ///< of those, when it was stopped: `on_stop` did not let go of them
    std::uint64_t rebuilds = 0;     ///< objects that took another's place
  };

  BeeRunner(BeeFactory factory, Settings settings, BeeHost& host);
  ~BeeRunner();

  /// Builds the object and calls `on_start`. Errors: `errc::bee_failed` with which of the two threw what; call again to
  /// retry.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] bool running() const noexcept { return bee_ != nullptr; }
  /// Drops the object and its timers; what it has sent stays in the outbox, what it held is lost.
  void halt();
  /// Why it is not running; empty if nothing failed.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// Runs records in order; returns how many were done. Stops early when the bee fails (`running()` is false then),
  /// and when the outbox has reached limits::outbox_records_mark: empty it and go on. The records not done are as they
  /// were.
  [[nodiscard]] std::size_t run(std::span<Record> records);
  /// The bee has failed if this throws in it (`running()` is false then).
  void fire(TimerId timer);
  void stop();  ///< calls `on_stop`; what is still held then is lost

  [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t held() const noexcept { return held_ ? held_->size() : 0; }  ///< records, now
  void limit_held(HeldLimits limits) noexcept {
    if (held_) held_->limit(limits);
  }
  /// Shows when the bee is inside `on_record`, `on_batch`, `on_timer` or `on_stop`, with the rebuild after a throw;
  /// `start` has a limit of its own.
  [[nodiscard]] const CallMark& calls() const noexcept { return mark_; }
  [[nodiscard]] Bee* bee() noexcept { return bee_.get(); }  ///< null while not running

 private:
  [[nodiscard]] bool ready() const noexcept;
  [[nodiscard]] std::size_t run_each(std::span<Record> records);
  [[nodiscard]] std::size_t run_batch(std::span<Record> records);
  [[nodiscard]] std::size_t run_again(std::span<Record> records);
  inline void run_one(Record&& record);
  void lose_current(const Record& record);
  void lose_to_fault(const Record& record, const std::string& why);
  void lose_for_room(const Record& record, const std::string& why);
  void roll_back(const std::string& why);
  void lose_held(const std::vector<Record>& records, errc code, const std::string& what, const std::string& why);
  void end_object(errc code, const std::string& what, const std::string& why);
  inline void returned(std::size_t records);
  void check_types() const;
  void lose_faults();
  void fail_of_throws(const std::string& last);
  void rebuild(const std::string& why);
  void fail(std::string why);

  BeeFactory factory_;
  bool takes_batches_;
  std::vector<PayloadType> output_types_;
  BeeHost& host_;
  std::unique_ptr<HeldRecords> held_;  ///< null: it may not hold any
  const bool plain_;                   ///< nothing is to be looked after when a call returns, but what it failed on
  std::unique_ptr<Bee> bee_;
  Outbox outbox_{held_.get()};
  std::vector<Record> kept_;  ///< handles of the batch that runs; for running it again
  bool restarted_ = false;    ///< the next start replaces an object
  std::uint32_t throws_in_row_ = 0;
  std::string failure_;
  Counts counts_;
  CallMark mark_;
};

}  // namespace skep
