#pragma once
// Runs one bee's callbacks and keeps a failure to the record that caused it. Pure: no actor system, no clock.
//
// Used by the actor that hosts a bee and by BeeHarness, so that a test sees what production does. A throw other than
// BadRecord takes the call's output back, answers the record's client with an error and replaces the object. A throw
// from `on_batch` runs the records again one by one.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/actors/outbox.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class BeeRunner {
 public:
  struct Counts {
    std::uint64_t failed = 0;
    std::uint64_t bad = 0;
    std::uint64_t rebuilds = 0;
  };
  /// Told of each lost record and its reason, for the log.
  using OnLoss = std::function<void(const Record&, errc, std::string_view reason)>;

  BeeRunner(BeeFactory factory, bool takes_batches, BeeContext& context, OnLoss on_loss);
  ~BeeRunner();

  /// Builds the object and calls `on_start`. Errors: `errc::bee_failed` with what it threw; call again to retry.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] bool running() const noexcept { return bee_ != nullptr; }
  /// Runs records until all are done or a rebuild fails; returns how many were done. The rest is the caller's to keep
  /// until `start` succeeds again. Output and errors for clients are in `outbox()`.
  [[nodiscard]] std::size_t run(std::span<Record> records);
  void fire(TimerId timer);
  void stop();

  [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  [[nodiscard]] Bee* bee() noexcept { return bee_.get(); }  ///< null while not running

 private:
  [[nodiscard]] bool run_batch(std::span<Record> records);
  [[nodiscard]] bool run_one(Record record);
  void lose(const Record& record, errc code, const std::string& reason);

  BeeFactory factory_;
  bool takes_batches_;
  BeeContext& context_;
  OnLoss on_loss_;
  std::unique_ptr<Bee> bee_;
  Outbox outbox_;
  Counts counts_;
};

}  // namespace skep
