#pragma once
// What must hold in every run, whatever goes wrong. One that is broken ends the run.
//
// A record is one admitted request. It is out of the bar when the incarnation of its gateway has ended: its client is
// gone with it, and nothing but the gateway had it for sure. It is excused at a bee that dropped it after its
// deadline, made it a dead letter, or had it handed back because nobody was there: all count as done.
//
//   no loss       a record that is not excused at a bee that has worked on it has come to where that bee has edges to:
//                 of an `all` edge to every replica but those that have ended for good, else to one. So has what a
//                 gateway has admitted. Or an edge has handed it back, and told so; or, under at_most_once, it was
//                 counted lost, by name: it was missing in a session, was on the way to a receiver that was placed
//                 anew, or went down with a placement that had it or held it. In runs without new placements the counts
//                 are exact.
//   routes        a record goes to the replica of its key, to one, or to all; never to one that has ended for good.
//   drops         what an overflow rule drops is told, each record and no other, and only when a window waits: what
//                 was given to an edge is what was sent, waits, or was handed back. Nobody waits for such an edge. All
//                 edges that block do so when, and only when, a window of theirs is full.
//   duplicates    at_most_once: as many copies of a record come to an end as its `all` edges make. at_least_once: once
//                 more, with the copies made from there on, for each time that it was sent and not done when its
//                 receiver was placed anew; each time those are at most a window.
//   order         in a session, records are taken in the order in which they were given to its sender; at_least_once
//                 leaves none out, at_most_once counts those it leaves out. Where one key meets one replica all the way
//                 from the gateway, and nobody holds: what a placement takes for the first time comes, per gateway and
//                 key, in the order of admission. A repetition comes when it comes: of what an earlier placement has
//                 worked on, and of what was a dead letter before it was replayed.
//   fence         nothing is taken from a placement of a sender after a later one was seen or told of, nor what is
//                 meant for another placement of the receiver.
//   blame         a record is taken out as dangerous only if it was taken up so often by placements of its receiver,
//                 and so often, in a row, was the only one sent and not done (they have ended, or others were told so,
//                 and whether it was done before is not known). One that ends every bee comes to no end.
//   causes        what an edge tells to be done with, or hands back, is what was given to it, cause by cause in order.
//   holds         what a replica holds is within its bound, and is not done before it was let go of, and what was put
//                 out for it is done; at_least_once: it comes to the next placement of its holder, or to its next
//                 object where it throws. Of a call that throws, nothing is held.
//   budgets       a replica's queue stays within its credit in records and bytes, but for one record above half of the
//                 bytes, or as many bytes of others if that was dropped; at_least_once: sent and not done stays within
//                 the window; a gateway's open requests within theirs; what waits for one replica, within the window
//                 and one call, or on an edge that drops, within the window and the credit.
//   answers       a session's answers come in the order of its requests, each once, each to its request; of many for a
//                 request the first is given, and no more come than copies were made. A request that is answered
//                 without a record was refused, failed, or is past its deadline. A one-way gateway refuses nothing.
//   progress      30 virtual seconds after the last fault (180 where records end bees) all is at rest: every request is
//                 answered, every queue empty, nothing held, no client waiting, no credit out but shares, no session of
//                 an earlier placement and no timer left. Then every session's next request gets a record, or where it
//                 gets no answer, comes to an end.
//
// What is not promised: across placements of a sink the order of first arrivals (one that is paused for long goes on to
// act for a while: its outputs are fenced, but nothing is behind a sink).

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "ids.hpp"
#include "scenario.hpp"
#include "skep/serialization/record.hpp"

namespace skep::simulation {

using RecordNumber = std::uint32_t;

[[nodiscard]] inline RecordNumber number_of(const Record& record) noexcept {
  return static_cast<RecordNumber>(record.root().low);
}

/// How often what a run is about has come up in it.
struct Counts {
  std::uint64_t answered = 0;     ///< with a record
  std::uint64_t late = 0;         ///< answers that were not the first, or had no client
  std::uint64_t ends = 0;         ///< records that left the swarm at a sink or a side
  std::uint64_t dropped = 0;      ///< by overflow rules
  std::uint64_t held = 0;         ///< records
  std::uint64_t blamed = 0;       ///< records that were taken out because they end bees
  std::uint64_t innocent = 0;     ///< of those, that end none by themselves
  std::uint64_t handed_back = 0;  ///< of replicas that had ended for good

  Counts& operator+=(const Counts& other) noexcept {
    answered += other.answered, late += other.late, ends += other.ends;
    dropped += other.dropped, held += other.held, handed_back += other.handed_back, blamed += other.blamed;
    innocent += other.innocent;
    return *this;
  }
};

class Invariants {
 public:
  /// What one placement of a sender gave to its session with one placement of a receiver, by sequence.
  struct Log {
    std::vector<RecordNumber> given;
    std::vector<bool> released;  ///< accepted by the receiver, or missing there and counted
    void take_out(std::uint64_t sequence) { given.erase(given.begin() + static_cast<std::ptrdiff_t>(sequence)); }
    void release(std::uint64_t sequence) {
      if (released.size() <= sequence) released.resize(given.size());
      released[sequence] = true;
    }
    [[nodiscard]] bool is_released(std::uint64_t sequence) const {
      return sequence < released.size() && released[sequence];
    }
  };
  using Actors = std::uint32_t;  ///< a bit for each
  struct Fate {
    ActorId gateway{};
    Epoch incarnation{};
    std::uint32_t key = 0;
    std::array<std::uint32_t, stages> ends{};     ///< arrivals, by stage
    std::array<std::uint32_t, stages> replays{};  ///< times it was sent there, not done, and its receiver placed anew
    std::uint32_t answers = 0;                    ///< that came to its gateway
    bool answered = false;
    std::size_t poisons = stages;                  ///< the stage whose replicas it ends
    std::array<std::uint32_t, stages> taken_up{};  ///< by placements of replicas, by stage
    Actors worked = 0;                             ///< that have worked on it
    Actors excused = 0;
    Actors handed_back = 0;  ///< to them, of a receiver that has ended for good
    Actors dropped = 0;      ///< on the way to it
    Actors lost = 0;         ///< on the way to it or by it, and counted
  };

  explicit Invariants(const Scenario& scenario) : scenario_(scenario), live_(scenario.stage[0].replicas) {}

  /// Ends the run if it does not hold. The numbers are for people.
  void expect(bool holds, const char* what, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
    ++checks_;
    if (!holds) [[unlikely]]
      broken(what, a, b, c);
  }
  [[nodiscard]] const std::string& violation() const noexcept { return violation_; }
  [[nodiscard]] std::uint64_t checks() const noexcept { return checks_; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

  [[nodiscard]] Log& log(ActorId sender, Epoch epoch, ActorId receiver, Epoch receiver_epoch);
  [[nodiscard]] const Fate& fate(RecordNumber number) const { return fates_[number]; }
  [[nodiscard]] std::size_t records() const noexcept { return fates_.size(); }

  void gateway_started(ActorId gateway, Epoch incarnation) { live_[index(gateway)] = incarnation; }
  void gateway_ended(ActorId gateway) { live_[index(gateway)] = {}; }
  RecordNumber admitted(ActorId gateway, Epoch incarnation, std::uint32_t key);
  /// It leaves the swarm at this actor.
  void reached_end(ActorId actor, const Record& record);
  void excused(ActorId actor, RecordNumber number) { fates_[number].excused |= bit(actor); }
  void handed_back(ActorId sender, RecordNumber number) {
    fates_[number].handed_back |= bit(sender);
    ++counts_.handed_back;
  }
  void worked(ActorId actor, const Record& record) { fates_[number_of(record)].worked |= bit(actor); }
  void poisoned(RecordNumber number, std::size_t stage) { fates_[number].poisons = stage; }
  /// By one placement, maybe by several senders.
  void taken_up(ActorId actor, RecordNumber number) { ++fates_[number].taken_up[scenario_.stage_of(actor)]; }
  /// Taken out because it is dangerous to this receiver.
  void blamed(ActorId receiver, RecordNumber number);
  void dropped(ActorId receiver, RecordNumber number) {
    fates_[number].dropped |= bit(receiver);
    ++counts_.dropped;
  }
  void held() { ++counts_.held; }
  void lost(ActorId actor, RecordNumber number) { fates_[number].lost |= bit(actor); }
  void replayed(std::size_t stage, RecordNumber number) { ++fates_[number].replays[stage]; }
  /// An answer has come to its gateway, which took it or found it late.
  void answer_came(const Record& record, bool taken);
  void answered(bool by_record) { counts_.answered += by_record ? 1 : 0; }
  /// Copies that an edge has for a receiver (handed back: -1), and what the receiver took, or found will never come.
  void given(std::int64_t count) { given_ += count; }
  void taken(std::uint64_t count) { taken_ += count; }
  void missed(std::uint64_t count) { missed_ += count; }
  void gone(ActorId actor) { gone_ |= bit(actor); }
  /// It came to an end, or was told not to.
  [[nodiscard]] bool is_settled(RecordNumber number) const;
  void at_end();

 private:
  void broken(const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c);
  [[nodiscard]] static Actors bit(ActorId actor) noexcept { return Actors{1} << index(actor); }
  [[nodiscard]] bool in_the_bar(const Fate& fate) const { return live_[index(fate.gateway)] == fate.incarnation; }
  [[nodiscard]] std::uint32_t most(const Fate& fate, std::size_t stage) const;
  [[nodiscard]] Actors accounted(const Fate& fate) const;
  void expect_passed_on(RecordNumber number, ActorId from, std::size_t stage);
  void expect_no_loss(RecordNumber number);

  const Scenario& scenario_;
  std::vector<Epoch> live_;  ///< incarnations of gateways
  std::vector<Fate> fates_;
  std::map<std::tuple<ActorId, Epoch, ActorId, Epoch>, Log> logs_;
  Actors gone_ = 0;  ///< for good
  std::int64_t given_ = 0;
  std::uint64_t checks_ = 0, taken_ = 0, missed_ = 0;
  Counts counts_;
  std::string violation_;
};

}  // namespace skep::simulation
