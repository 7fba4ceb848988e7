#pragma once
// Decides when a bee's batch closes. Pure: records and time in, batches out.
//
// A batch closes at the earliest of: `size_max` records, first arrival + `delay_max`, or the earliest deadline in it
// minus the usual compute time (an exponentially weighted mean) and limits::batch_deadline_margin. With `delay_max` 0
// whatever has arrived is a batch at once: nothing waits for a batch to fill unless the bee asks for it. Records that
// nobody waits for any more are taken out first.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "skep/actors/departed_sessions.hpp"
#include "skep/actors/fifo.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

struct BatchSettings {
  std::uint32_t size_max = 0;  ///< 0: as many as arrived together, up to limits::slice_records_max
  std::chrono::nanoseconds delay_max{0};

  friend bool operator==(const BatchSettings&, const BatchSettings&) = default;
};

class Batcher {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `departed`, if any, outlives this.
  explicit Batcher(BatchSettings settings, const DepartedSessions* departed = nullptr);

  void add(Record record, Time now);
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t size_max() const noexcept;  ///< records of the largest batch
  /// When the next batch closes; it is due from then on. Nothing if no record waits.
  [[nodiscard]] std::optional<Time> due() const;

  struct Taken {
    std::vector<Record> batch;             ///< at most size_max, in order of arrival
    std::vector<Record> unwanted;          ///< no work is done for them
    std::vector<std::size_t> unwanted_at;  ///< their places among all that was taken
    /// Over all of these records: how long they waited for the batch to fill, which the bee asked for.
    std::chrono::nanoseconds fill{0};
  };
  /// Takes the next batch, due or not.
  [[nodiscard]] Taken take(Time now);
  /// How long the bee worked on a batch; for the margin before deadlines.
  void worked(std::chrono::nanoseconds duration) noexcept;
  [[nodiscard]] std::chrono::nanoseconds usual_work() const noexcept { return usual_work_; }

 private:
  struct Waiting {
    Record record;
    Time arrived;
  };

  BatchSettings settings_;
  const DepartedSessions* departed_;
  Fifo<Waiting> waiting_;
  Time earliest_deadline_ = no_deadline;  ///< of waiting_
  std::chrono::nanoseconds usual_work_{0};
};

}  // namespace skep
