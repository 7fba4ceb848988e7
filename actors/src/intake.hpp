#pragma once
// Records that have come to a bee and are not yet done: what arrived, what gathers to a batch, what is worked on.
//
// Pure but for the senders' addresses, which it only keeps. A record is accepted, and its sender's credit given back,
// when it leaves the queue of arrivals: for the batch that gathers, or for work. Arrivals are bounded by the credit
// that the senders have, the batch that gathers by its size, the work by one message or one batch. Under at_least_once
// it also knows which input of which session each record is, so that the bee can say what is done.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "skep/actors/batcher.hpp"
#include "skep/actors/edge_inputs.hpp"
#include "skep/actors/fifo.hpp"
#include "skep/actors/meter.hpp"
#include "spent_mean.hpp"

namespace skep {

class Intake {
 public:
  using Time = Batcher::Time;
  enum class Flush : std::uint8_t { no, yes };

  /// With `batches`, records go through a Batcher; else each message is worked on as it came.
  /// With a `meter`, which outlives this, the waits of records are measured.
  /// `departed`, if any, outlives this.
  Intake(std::optional<BatchSettings> batches, InEdges::Settings edges, BeeMeter* meter = nullptr,
         const DepartedSessions* departed = nullptr);

  /// Returns how much of it is new.
  Quantity add(RecordBatch&& batch, const caf::strong_actor_ptr& sender);
  /// Takes up the next records, if none are being worked on; with `flush` a batch closes at once. Returns whether there
  /// is work. `settled`: all that was taken up is done; a record that is to be alone waits for that, and others for it.
  bool next(Time now, Flush flush, bool settled);
  /// What senders are to be told now: what was accepted, and how much they may send.
  [[nodiscard]] std::vector<EdgeInputs::Ack> take_acks(std::uint32_t pace) { return inputs_.take_acks(pace); }

  [[nodiscard]] std::span<Record> work() noexcept { return std::span(work_).subspan(done_); }
  /// Stamp::spent of that work, with its wait for the batch to fill.
  [[nodiscard]] std::chrono::nanoseconds spent() const noexcept { return spent_; }
  void done(std::size_t records) noexcept;
  /// Under at_least_once, before `done`: what the next `records` of the work came as, and what `unwanted` has besides.
  [[nodiscard]] std::vector<Ledger::Inputs> take_inputs(std::size_t records);
  /// Of no session's concern any more.
  void settle(const Ledger::Inputs& inputs) { inputs_.done(inputs); }
  /// Everything there is, of all stages, not to be worked on any more.
  struct All {
    std::vector<Record> records;
    std::vector<Ledger::Inputs> inputs;  ///< under at_least_once
  };
  [[nodiscard]] All take_all();
  /// Forgets all senders; what has come stays.
  void close() { inputs_.close(); }
  /// Taken out of a batch because nobody waits for them any more; the caller's to answer and clear.
  [[nodiscard]] std::vector<Record>& unwanted() noexcept { return unwanted_; }

  /// When there is work: now if that is in the past. Nothing if nothing has come.
  [[nodiscard]] std::optional<Time> due(bool settled) const;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept;  ///< records, over all stages
  [[nodiscard]] bool batches() const noexcept { return batcher_.has_value(); }
  void worked(std::chrono::nanoseconds duration) noexcept;  ///< on one batch

 private:
  struct Arrived {
    EdgeInputs::Arrival arrival;
    std::size_t taken = 0;
  };

  [[nodiscard]] bool may_take_up(bool settled) const;
  void gather(Time now, bool settled);
  void take_batch(Time now);
  void take_inputs_of_batch(const Batcher::Taken& taken);
  void measure_wait(const Stamp& stamp, std::size_t records, Time now);

  EdgeInputs inputs_;
  bool keeps_;          ///< at_least_once
  bool alone_ = false;  ///< what was taken up last is to be alone
  Fifo<Arrived> arrivals_;
  std::size_t arrived_ = 0;  ///< records in arrivals_
  std::optional<Batcher> batcher_;
  std::vector<Record> work_, unwanted_;
  std::size_t done_ = 0;  ///< of work_
  /// Under at_least_once: of the batch that gathers, of the work that is not done, of what is unwanted.
  Fifo<Ledger::Inputs> gathered_inputs_, work_inputs_;
  std::vector<Ledger::Inputs> unwanted_inputs_;
  std::chrono::nanoseconds spent_ = Stamp::unknown;
  SpentMean gathered_;  ///< of the batch that gathers
  BeeMeter* meter_;
};

}  // namespace skep
