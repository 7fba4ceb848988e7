#pragma once
// What must hold in every run, whatever goes wrong. One that is broken ends the run.
//
// A record is one admitted request. It is out of the bar when the incarnation of its gateway has ended: its client is
// gone with it, and nothing but the gateway had it for sure. It is excused when a bee dropped it after its deadline or
// made it a dead letter: both count as done.
//
//   no loss       at_least_once: a record that is not excused reaches a sink. at_most_once: one that reaches none was
//                 counted lost, by name: it was missing in a session, was on the way to a receiver that was placed
//                 anew, or went down with a placement that had it. In runs without new placements the counts are exact.
//   duplicates    at_most_once: a record reaches a sink once. at_least_once: once, and once more for each time that it
//                 was sent and not done when its receiver was placed anew; each time those are at most a window.
//   order         in a session, records are taken in the order in which they were given to its sender; at_least_once
//                 leaves none out, at_most_once counts those it leaves out. Where all edges from the gateway on are key
//                 edges (or lead to one replica): what a placement takes for the first time comes, per gateway and key,
//                 in the order of admission. A repetition comes when it comes: of what an earlier placement has worked
//                 on, and of what was a dead letter before it was replayed.
//   fence         nothing is taken from a placement of a sender after a later one was seen or told of, nor what is
//                 meant for another placement of the receiver.
//   budgets       a replica's queue stays within its credit in records and bytes, but for one record above half of the
//                 bytes; at_least_once: sent and not done stays within the window; a gateway's open requests and what
//                 waits in it, and what waits in a bee's outbox, within theirs.
//   answers       a session's answers come in the order of its requests, each once, each to its request; a request that
//                 is answered without a record was refused, failed, or is past its deadline.
//   progress      30 virtual seconds after the last fault all is at rest: every request answered, every queue empty,
//                 no credit out but shares, no session of an earlier
//                 placement and no timer left. Then every session's next request gets a record.
//
// What is not promised: across placements of a sink the order of first arrivals (one that is paused for long goes on to
// act for a while: its outputs are fenced, but nothing is behind a sink).

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "ids.hpp"
#include "scenario.hpp"
#include "skep/serialization/record.hpp"

namespace skep::simulation {

using RecordNumber = std::uint32_t;

[[nodiscard]] inline RecordNumber number_of(const Record& record) noexcept {
  return static_cast<RecordNumber>(record.root().low);
}

class Invariants {
 public:
  /// What one placement of a sender gave to its session with one receiver, by sequence.
  struct Log {
    std::vector<RecordNumber> given;
    std::vector<bool> released;  ///< accepted by the receiver, or missing there and counted
    void release(std::uint64_t sequence) {
      if (released.size() <= sequence) released.resize(given.size());
      released[sequence] = true;
    }
    [[nodiscard]] bool is_released(std::uint64_t sequence) const {
      return sequence < released.size() && released[sequence];
    }
  };
  struct Fate {
    ActorId gateway{};
    Epoch incarnation{};
    std::uint32_t key = 0;
    std::uint32_t sinks = 0;    ///< arrivals
    std::uint32_t replays = 0;  ///< times it was sent, not done, and its receiver placed anew
    std::uint64_t worked = 0;   ///< a bit for each actor that has worked on it
    bool excused = false;
    bool lost = false;  ///< counted
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

  [[nodiscard]] Log& log(ActorId sender, Epoch epoch, ActorId receiver);
  [[nodiscard]] const Fate& fate(RecordNumber number) const { return fates_[number]; }
  [[nodiscard]] std::size_t records() const noexcept { return fates_.size(); }

  void gateway_started(ActorId gateway, Epoch incarnation) { live_[index(gateway)] = incarnation; }
  void gateway_ended(ActorId gateway) { live_[index(gateway)] = {}; }
  RecordNumber admitted(ActorId gateway, Epoch incarnation, std::uint32_t key);
  void reached_sink(const Record& record);
  void excused(const Record& record) { fates_[number_of(record)].excused = true; }
  void worked(ActorId actor, const Record& record) { fates_[number_of(record)].worked |= 1ull << index(actor); }
  void answered(bool by_record) { answered_by_record_ += by_record ? 1 : 0; }
  [[nodiscard]] std::uint64_t answered_by_record() const noexcept { return answered_by_record_; }
  void replayed(RecordNumber number) { ++fates_[number].replays; }
  void lost(RecordNumber number) { fates_[number].lost = true; }
  /// A receiver has found that records will never come.
  void missed(std::uint64_t count) { missed_ += count; }
  void at_end();

 private:
  void broken(const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c);
  [[nodiscard]] bool in_the_bar(const Fate& fate) const { return live_[index(fate.gateway)] == fate.incarnation; }

  const Scenario& scenario_;
  std::vector<Epoch> live_;  ///< incarnations of gateways
  std::vector<Fate> fates_;
  std::unordered_map<std::uint64_t, Log> logs_;
  std::uint64_t checks_ = 0, missed_ = 0, answered_by_record_ = 0;
  std::string violation_;
};

}  // namespace skep::simulation
