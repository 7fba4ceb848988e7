#pragma once
// What a bee has decided to send, until the runtime takes it.
//
// Everything a call of `on_record` puts in or holds is taken back if that call throws. Lifetime: one per bee; a
// reference to it is valid only during the call it is passed to. Threads: the bee's.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/actors/held.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/port.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// Why a bee could not process a record, where the bee is to blame and not the record.
struct BeeFault {
  std::string what;
};

class Outbox {
 public:
  enum class Kind : std::uint8_t {
    emit,
    reply,
    fail,    ///< the bee refused the record
    drop,    ///< the bee ended the record
    lose,    ///< the record was bad, the bee threw on it, or held it when its object went
    reject,  ///< the bee refused the record and sent it on along a side port
  };
  struct What {
    Kind kind;
    Port port;  ///< of `emit` and `reject`
    friend bool operator==(What, What) = default;
  };
  /// Outputs that follow each other, all of one kind.
  struct Run {
    What what;
    std::span<Record> records;  ///< of `fail`, `drop`, `lose` and `reject`: the errors that answer the clients
  };
  struct Entry {
    Kind kind;
    Port port;
    Record record;
  };

  /// With `held`, which outlives this, the bee may hold records.
  explicit Outbox(HeldRecords* held = nullptr) noexcept : held_(held) {}

  /// Sends `record` on along the edges of the default port.
  void emit(Record&& record) { emit(default_port, std::move(record)); }
  void emit(const Record& record) { emit(default_port, record); }
  /// The first record that a call emits on a port keeps its id; further ones with the same id get derived ones.
  /// Throws std::length_error past limits::outputs_per_call_max (which counts every output of the call), and
  /// std::invalid_argument for an empty record or a port past limits::ports_max, std::logic_error for one that
  /// `describe` does not name.
  void emit(Port port, Record&& record) {
    if (of_call_ != 0 || !record || last_ != What{Kind::emit, port}) return emit_further(port, std::move(record));
    records_.push_back(std::move(record));
    of_call_ = emitted_ = 1;
    first_emission_ = 0;
  }
  void emit(Port port, const Record& record) { emit(port, Record(record)); }
  /// Answers the client that the record came from. Without one it is counted as an orphan and dropped.
  void reply(Record record);
  /// Answers the client with an error (`errc::rejected`). Never a failure of the bee.
  void fail(const Record& record, std::string_view message);
  /// The same for a record whose bytes are at fault (`errc::bad_record`): for `on_batch`, where a throw would cost the
  /// whole batch a second run.
  void fail(const Record& record, const BadRecord& problem) {
    push({Kind::fail, default_port}, record.failure(errc::bad_record, problem.what()));
  }
  /// The bee itself failed on the record. As if it had thrown on it alone (`errc::bee_failed`, a dead letter, counted
  /// towards limits::throws_in_row_max), but its object stays and so does what else the call put in: for a bee that is
  /// whole after it, and costly to build.
  void fail(const Record& record, BeeFault fault);
  /// Ends the record here. Counted; the client is told where an answer could still have come.
  void drop(const Record& record, std::string_view reason);

  /// Sends the record out of a side port. Its client is told now (`errc::rejected`), unless no answer could have come
  /// from this bee anyway (as with `drop`), or one still can from what `port` feeds.
  void reject(Port port, Record record, std::string_view reason);

  /// Keeps the record beyond this call, for as long as the handle lives: for windows, joins, answers that wait. Only in
  /// a class whose `describe` says `holds_records()`; else it throws std::logic_error. Throws TooManyHeld past
  /// held_records_max or held_bytes_max; let out of the bee, that costs the record and not the object.
  [[nodiscard]] Held hold(Record record);

  // For the runtime and for harnesses.

  /// What the call before failed on has been taken care of.
  void begin_call() noexcept { of_call_ = emitted_ = 0; }
  /// What the current call put in last; null if nothing.
  [[nodiscard]] Record* last_of_call() noexcept { return of_call_ == 0 ? nullptr : &records_.back(); }
  /// Calls `visit(port, record)` for each that the current call has emitted.
  template <class Visit>
  void each_emission_of_call(Visit&& visit) const {
    auto end = records_.size();
    const auto begin = end - of_call_;
    for (auto run = runs_.size(); run-- > 0 && end > begin; end = runs_[run].begin) {
      if (runs_[run].what.kind != Kind::emit) continue;
      for (auto i = std::max(runs_[run].begin, begin); i < end; ++i) visit(runs_[run].what.port, records_[i]);
    }
  }
  /// What the current call failed on.
  [[nodiscard]] std::vector<std::pair<Record, BeeFault>>& faults() noexcept { return faults_; }
  /// Takes back what the current call put in; the call is over.
  void rollback() noexcept;
  /// Answers the client of a record that could not be processed.
  void lose(const Record& record, errc code, std::string_view reason);
  /// Calls `visit(Run)` for each, in order.
  template <class Visit>
  void each_run(Visit&& visit) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const auto end = i + 1 < runs_.size() ? runs_[i + 1].begin : records_.size();
      visit(Run{runs_[i].what, std::span(records_).subspan(runs_[i].begin, end - runs_[i].begin)});
    }
  }
  /// One by one, for tests.
  [[nodiscard]] std::vector<Entry> entries();
  [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
  void clear() noexcept;

 private:
  struct Emission {
    RecordId id;
    std::uint64_t call = 0;  ///< other than `call_`: the slot is free
    std::uint64_t times = 0;
    Port port;
  };

  struct Begun {
    What what;
    std::size_t begin;  ///< in records_; it goes on to the begin of the next one
  };
  static constexpr What nothing{Kind::lose, Port()};

  void emit_further(Port port, Record&& record);
  void push(What what, Record record);
  void append(What what, Record record);
  [[nodiscard]] Record renamed(Port port, Record record);
  [[nodiscard]] std::uint64_t count_emission(Port port, RecordId id);
  [[nodiscard]] Emission& find_emission(Port port, RecordId id) noexcept;
  void grow_emissions();

  HeldRecords* held_;
  std::vector<Record> records_;
  std::vector<Begun> runs_;
  What last_ = nothing;  ///< of the last run
  std::vector<std::pair<Record, BeeFault>> faults_;
  std::size_t of_call_ = 0;  ///< outputs of the current call: the last ones
  std::uint64_t call_ = 1;
  std::size_t emitted_ = 0;          ///< of those, emissions
  std::size_t first_emission_ = 0;   ///< which one of those of the call
  std::vector<Emission> emissions_;  ///< ids of the current call, hashed; used from its second emission on
};

}  // namespace skep
