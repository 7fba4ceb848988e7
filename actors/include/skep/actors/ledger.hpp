#pragma once
// Which inputs of a bee are done: those whose work has ended and whose outputs are all acknowledged. Pure.
//
// Under at_least_once a bee acknowledges a record only then; until then its sender keeps it. An entry is what one call
// of the bee took: one record, or the records of one batch, whose outputs cannot be told apart.
// Lifetime and threads: owned by the host of the bee.

#include <cstdint>
#include <vector>

#include "skep/actors/fifo.hpp"
#include "skep/actors/in_edges.hpp"

namespace skep {

class Ledger {
 public:
  struct Inputs {
    InEdges::Session session{};
    std::uint64_t first = 0;  ///< sequence in its session
    std::uint64_t count = 1;
  };

  explicit Ledger(Faults faults = {}) : faults_(faults) {}

  /// A call begins, or goes on with further inputs; it is open until `settle`.
  [[nodiscard]] Cause open(Inputs inputs);
  [[nodiscard]] Cause open();  ///< its inputs follow
  void add(Cause cause, Inputs inputs);
  /// So much more must be settled: outputs, or records that the bee holds.
  void depend(Cause cause, std::uint64_t count = 1) { at(cause).open += count; }
  /// The bee holds a record of that call. What it puts out for it later has the cause that this returns, which is
  /// settled when the hold has ended, after `depend` for that.
  [[nodiscard]] Cause hold(Cause cause);
  /// The call has ended, or an output is acknowledged.
  void settle(Cause cause);
  /// Inputs that are done, since the last call.
  [[nodiscard]] std::vector<Inputs> take_done();

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::vector<Inputs> inputs;
    std::uint64_t open = 1;
  };

  [[nodiscard]] Entry& at(Cause cause);

  Faults faults_;
  Fifo<Entry> entries_;  ///< by cause, from first_ on
  std::uint64_t first_ = 1;
  std::vector<Inputs> done_;
};

}  // namespace skep
