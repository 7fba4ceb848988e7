#pragma once
// Records that have come to a bee and are not yet done: what arrived, what gathers to a batch, what is worked on.
//
// Pure but for the senders' addresses, which it only keeps. A record is accepted, and its sender's credit given back,
// when it leaves the queue of arrivals: for the batch that gathers, or for work. Grants to one sender are merged: many
// small ones would make it send many small messages, for ever. Arrivals are bounded by the windows
// of the senders, the batch that gathers by its size, the work by one message or one batch.

#include <caf/actor_control_block.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "skep/actors/batcher.hpp"
#include "skep/actors/edge_messages.hpp"
#include "spent_mean.hpp"

namespace skep {

class Intake {
 public:
  using Time = Batcher::Time;
  enum class Flush : std::uint8_t { no, yes };

  /// Credit to give back.
  struct Accepted {
    caf::strong_actor_ptr sender;
    CreditGrant grant;
  };

  /// With `batches`, records go through a Batcher; else each message is worked on as it came.
  /// With a `meter`, which outlives this, the waits of records are measured.
  explicit Intake(std::optional<BatchSettings> batches, BeeMeter* meter = nullptr);

  void add(RecordBatch&& batch, caf::strong_actor_ptr sender);
  /// Takes up the next records, if none are being worked on; with `flush` a batch closes at once. What is accepted on
  /// the way is appended to `accepted`. Returns whether there is work.
  bool next(Time now, Flush flush, std::vector<Accepted>& accepted);

  [[nodiscard]] std::span<Record> work() noexcept { return std::span(work_).subspan(done_); }
  /// Stamp::spent of that work, with its wait for the batch to fill.
  [[nodiscard]] std::chrono::nanoseconds spent() const noexcept { return spent_; }
  void done(std::size_t records) noexcept;
  /// Everything there is, of all stages, not to be worked on any more.
  [[nodiscard]] std::vector<Record> take_all(std::vector<Accepted>& accepted);
  /// Taken out of a batch because their deadline has passed; the caller's to answer and clear.
  [[nodiscard]] std::vector<Record>& expired() noexcept { return expired_; }

  /// When there is work: now if that is in the past. Nothing if nothing has come.
  [[nodiscard]] std::optional<Time> due() const;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept;  ///< records, over all stages
  [[nodiscard]] bool batches() const noexcept { return batcher_.has_value(); }
  void worked(std::chrono::nanoseconds duration) noexcept;  ///< on one batch

 private:
  struct Arrival {
    RecordBatch batch;
    caf::strong_actor_ptr sender;
    std::size_t taken = 0;
  };

  void gather(Time now, std::vector<Accepted>& accepted);
  void take_batch(Time now);
  void accept(const Arrival& arrival, std::size_t records, std::optional<Time> now, std::vector<Accepted>& accepted);

  std::deque<Arrival> arrivals_;
  std::size_t arrived_ = 0;  ///< records in arrivals_
  std::optional<Batcher> batcher_;
  std::vector<Record> work_, expired_;
  std::size_t done_ = 0;  ///< of work_
  std::chrono::nanoseconds spent_ = Stamp::unknown;
  SpentMean gathered_;  ///< of the batch that gathers
  BeeMeter* meter_;
};

}  // namespace skep
