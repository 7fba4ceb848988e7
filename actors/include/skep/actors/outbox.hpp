#pragma once
// What a bee has decided to send, until the runtime takes it.
//
// Everything a call of `on_record` puts in is taken back if that call throws. Lifetime: one per bee; a reference to it
// is valid only during the call it is passed to. Threads: the bee's.

#include <cstdint>
#include <string_view>
#include <vector>

#include "skep/actors/port.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

class Outbox {
 public:
  enum class Kind : std::uint8_t { emit, reply, fail, drop };
  struct Entry {
    Kind kind;
    Port port;      ///< of `emit`
    Record record;  ///< of `fail` and `drop`: the error that answers the client
  };
  using Mark = std::size_t;

  /// Sends `record` on along the edges of the default port.
  void emit(Record record) { emit(default_port, std::move(record)); }
  /// The first record that a call emits on a port keeps its id; further ones with the same id get derived ones.
  /// Throws std::length_error past limits::outputs_per_call_max.
  void emit(Port port, Record record);
  /// Answers the client that the record came from. Without one it is counted as an orphan and dropped.
  void reply(Record record);
  /// Answers the client with an error (`errc::rejected`). Never a failure of the bee.
  void fail(const Record& record, std::string_view message);
  /// Ends the record here. Counted; the client is told where an answer could still have come.
  void drop(const Record& record, std::string_view reason);

  // For the runtime and for harnesses.
  void begin_call() noexcept { call_begin_ = entries_.size(); }
  [[nodiscard]] Mark mark() const noexcept { return entries_.size(); }
  void rollback(Mark mark);
  [[nodiscard]] std::vector<Entry>& entries() noexcept { return entries_; }
  void clear() noexcept;

 private:
  void push(Kind kind, Port port, Record record);

  std::vector<Entry> entries_;
  std::size_t call_begin_ = 0;
};

}  // namespace skep
