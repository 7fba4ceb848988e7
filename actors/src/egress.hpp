#pragma once
// Where a bee's output goes: the routing table, its edges, and who answers are sent to.
//
// Output is first taken from the Outbox, then sent by `flush`: one message per edge and receiver, one per gateway. A
// new table takes over at once. Under at_least_once it keeps the bee's Ledger: what is put out between `begin` and
// `end` are the outputs of the inputs that `end` names, which are done when all of it is.

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "reply_outputs.hpp"
#include "skep/actors/bee_actor.hpp"
#include "skep/actors/edge_outputs.hpp"
#include "skep/actors/ledger.hpp"
#include "skep/actors/outbox.hpp"

namespace skep {

class Egress {
 public:
  /// Sends in the name of `self`, and counts in `counters`; both outlive this, and so does `owner`.
  /// With a `meter`, which outlives this too, the edges are measured.
  Egress(caf::event_based_actor& self, BeeCounters& counters, const EdgeOwner& owner, const BeeSettings& settings,
         BeeMeter* meter)
      : counters_(counters),
        outputs_(self, owner, {settings.epoch, settings.seed, meter == nullptr ? nullptr : &meter->edges}),
        replies_(self, settings.epoch, settings.delivery) {}

  /// Errors: `errc::invalid_argument`: not later than the table in force.
  [[nodiscard]] Result<void> adopt(RoutingTable table);
  void begin() { cause_ = ledger_.open(); }
  void end(const std::vector<Ledger::Inputs>& inputs);
  /// All inputs are done.
  [[nodiscard]] bool settled() const noexcept { return ledger_.size() == 0; }
  /// Inputs that are done, since the last call.
  [[nodiscard]] std::vector<Ledger::Inputs> take_done() { return ledger_.take_done(); }
  void take(Outbox& outbox);
  /// Answers the client of a record with an error, if one can be answered from here.
  void answer_error(const Record& record, errc code, std::string_view message) {
    answer_error(record, code, message, cause_);
  }
  /// Whether the client of a record can be answered from here.
  [[nodiscard]] bool reaches_client(const Record& record) const noexcept {
    return answers_reachable_ && record.origin().request != 0;
  }
  /// What was taken since the last call has this Stamp::spent.
  void spent(std::chrono::nanoseconds spent) noexcept { stamp_.spent = spent; }
  void flush(std::chrono::steady_clock::time_point now);
  /// Again, at the time of the last one.
  void flush();
  void on_ack(const BatchAck& message);
  /// Receivers are to say at once what they have accepted: before an end.
  void hurry() { outputs_.hurry(); }
  /// See EdgeOutputs::cease.
  void cease() noexcept { outputs_.cease(); }
  /// Forgets all actors it sends to.
  void close();
  /// Shows the meter what waits.
  void publish() const { outputs_.publish(); }

  [[nodiscard]] bool sendable() const noexcept;                               ///< `flush` would send something
  [[nodiscard]] bool blocked() const noexcept { return outputs_.blocked(); }  ///< no further input now
  [[nodiscard]] bool idle() const noexcept { return outputs_.idle(); }        ///< see EdgeOutputs
  [[nodiscard]] std::uint64_t lost() const noexcept { return outputs_.lost(); }

 private:
  void answer_error(const Record& record, errc code, std::string_view message, Cause cause);
  void take_other(Outbox::What what, Record& record);
  void emit(Port port, std::span<Record> records);
  template <class Take>
  void push_all(std::uint32_t edge, std::span<Record> records, Take take) {
    if (cause_ != Cause{}) ledger_.depend(cause_, outputs_.copies(edge) * records.size());
    outputs_.push_all(edge, records, take, cause_);
  }
  void answer_returned();
  void reply(Record record, Cause cause);
  void reply_if_reachable(Record error, Cause cause);
  void settle(const std::vector<Cause>& causes);

  BeeCounters& counters_;
  EdgeOutputs outputs_;
  ReplyOutputs replies_;
  Ledger ledger_;
  Cause cause_{};  ///< of what is put out now; none: nobody's
  Stamp stamp_;
  std::vector<std::vector<std::uint32_t>> edges_of_port_;
  std::uint64_t answer_ports_ = 0;   ///< one bit each
  std::uint64_t answered_from_ = 0;  ///< these, and ports that feed what may still answer
  bool answers_reachable_ = false;
};

}  // namespace skep
