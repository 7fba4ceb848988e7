#pragma once
// Records on their way out of the swarm, until a peer has taken them.
//
// A sender has its credit back once its record is handed out: without a peer, or with one that does not read, the swarm
// waits. Under at_least_once a record is kept until it is done: it has gone to a peer. One that no peer got is handed
// out again, before all others. Bounded by the credit that senders have, and what they keep that is not done.

#include <caf/actor_control_block.hpp>

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "sent_records.hpp"
#include "skep/actors/edge_inputs.hpp"

namespace skep {

class Outbound {
 public:
  explicit Outbound(InEdges::Settings edges) : inputs_(edges), keeps_(edges.delivery == Delivery::at_least_once) {}

  void add(RecordBatch&& batch, const caf::strong_actor_ptr& sender);
  [[nodiscard]] bool empty() const noexcept { return waiting_ == 0; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  /// The next record to go out; asserted to exist.
  [[nodiscard]] const Record& front() const;
  /// That one goes to sessions. Numbered from 0, as by SentRecords.
  void hand_out();
  /// That one goes to nobody, ever.
  void drop();
  /// Of those handed out: sent, or lost for good.
  void done(const SentRecords::Ranges& numbers);
  /// Of those handed out: no peer has got them. Returns how many wait again: all, or under at_most_once none.
  std::uint64_t take_back(const SentRecords::Ranges& numbers);
  /// What senders are to be told now.
  [[nodiscard]] std::vector<EdgeInputs::Ack> take_acks() { return inputs_.take_acks(); }

 private:
  struct Waiting {
    EdgeInputs::Arrival arrival;
    std::size_t taken = 0;
  };
  /// A record, out of its batch.
  struct Taken {
    Record record;
    InEdges::Session session{};
    std::uint64_t sequence = 0;
    std::uint64_t order = 0;  ///< in which records came
  };

  [[nodiscard]] Taken take();
  [[nodiscard]] Taken take_kept(std::uint64_t number);
  void done(const Taken& record) { inputs_.done({record.session, record.sequence, 1}); }

  EdgeInputs inputs_;
  bool keeps_;
  std::deque<Waiting> arrivals_;
  std::map<std::uint64_t, Taken> again_;   ///< by `order`
  std::deque<std::optional<Taken>> kept_;  ///< handed out, from `kept_from_` on; empty: not any more
  std::uint64_t kept_from_ = 0;
  std::uint64_t came_ = 0;
  std::size_t waiting_ = 0;  ///< in `arrivals_` and `again_`
};

}  // namespace skep
