#include "invariants.hpp"

namespace skep::simulation {

void Invariants::broken(const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  if (!violation_.empty()) return;
  violation_ = std::string(what) + " (" + std::to_string(a) + ", " + std::to_string(b) + ", " + std::to_string(c) + ")";
}

Invariants::Log& Invariants::log(ActorId sender, Epoch epoch, ActorId receiver, Epoch receiver_epoch) {
  return logs_[{sender, epoch, receiver, receiver_epoch}];
}

void Invariants::blamed(ActorId receiver, RecordNumber number) {
  const auto times = fates_[number].taken_up[scenario_.stage_of(receiver)];
  expect(times >= scenario_.deaths_max, "blame: a record is taken out that was not taken up so often", number, times);
  excused(receiver, number);
  ++counts_.blamed;
  if (fates_[number].poisons == stages) ++counts_.innocent;
}

RecordNumber Invariants::admitted(ActorId gateway, Epoch incarnation, std::uint32_t key) {
  fates_.push_back({.gateway = gateway, .incarnation = incarnation, .key = key});
  return static_cast<RecordNumber>(fates_.size() - 1);
}

/// Copies of a record that may come to a stage.
std::uint32_t Invariants::most(const Fate& fate, std::size_t stage) const {
  auto sum = scenario_.stage[stage].copies;
  if (scenario_.delivery == Delivery::at_most_once) return sum;
  for (std::size_t from = 1; from < stages; ++from) {
    if (fate.replays[from] != 0) sum += fate.replays[from] * scenario_.copies(from, stage);
  }
  return sum;
}

void Invariants::reached_end(ActorId actor, const Record& record) {
  auto& fate = fates_[number_of(record)];
  const auto stage = scenario_.stage_of(actor);
  const auto count = ++fate.ends[stage];
  ++counts_.ends;
  const bool passed = fate.poisons != stages && scenario_.copies(fate.poisons, stage) != 0;
  expect(!passed, "blame: a record came past what it ends", number_of(record), fate.poisons);
  expect(count <= most(fate, stage), "duplicates: a record came to its end more often than it was replayed",
         number_of(record), count, most(fate, stage));
}

void Invariants::answer_came(const Record& record, bool taken) {
  auto& fate = fates_[number_of(record)];
  ++fate.answers;
  const auto most_answers = most(fate, stage_b) + fate.replays[0];
  expect(fate.answers <= most_answers, "answers: more came than copies were made", number_of(record), fate.answers,
         most_answers);
  expect(!taken || !fate.answered, "answers: a request is answered twice", number_of(record));
  fate.answered = fate.answered || taken;
  if (!taken) ++counts_.late;
}

Invariants::Actors Invariants::accounted(const Fate& fate) const {
  const auto lost = scenario_.delivery == Delivery::at_most_once ? fate.lost : 0;
  return fate.worked | fate.excused | fate.dropped | lost;
}

bool Invariants::is_settled(RecordNumber number) const {
  const auto& fate = fates_[number];
  return fate.ends[stage_sink] != 0 || (fate.excused | fate.handed_back | fate.dropped) != 0;
}

/// `from` has put it out on its edge to `stage`.
void Invariants::expect_passed_on(RecordNumber number, ActorId from, std::size_t stage) {
  const auto& [first, replicas, route, overflow, copies, key_order] = scenario_.stage[stage];
  if (replicas == 0) return;
  const auto here = accounted(fates_[number]);
  const Actors all = ((Actors{1} << replicas) - 1) << first;
  const bool holds = route == Route::all ? (all & ~here & ~gone_) == 0 : (all & here) != 0;
  expect(holds, "no loss: a record was passed on, and did not come to its receivers", number, index(from), stage);
}

void Invariants::expect_no_loss(RecordNumber number) {
  const auto& fate = fates_[number];
  const auto lost = scenario_.delivery == Delivery::at_most_once ? fate.lost : 0;
  if ((fate.excused & bit(fate.gateway)) == 0) expect_passed_on(number, fate.gateway, 1);
  for (std::size_t stage = 2; stage < stages; ++stage) {
    const auto& before = scenario_.stage[stage_before[stage]];
    // Where it was done with earlier on its way, it does not come again to what comes after that; nor if it came to
    // another replica the next time, and was done with there.
    const auto end = before.first + (before.route == Route::any ? before.replicas : 0);
    const Actors earlier = (Actors{1} << end) - 1;
    if (((fate.excused | fate.handed_back) & earlier) != 0) continue;
    for (auto i = before.first; i < before.first + before.replicas; ++i) {
      const auto from = bit(static_cast<ActorId>(i));
      const bool passed_on = (fate.worked & from) != 0 && ((fate.excused | lost | gone_) & from) == 0;
      if (passed_on) expect_passed_on(number, static_cast<ActorId>(i), stage);
    }
  }
}

void Invariants::at_end() {
  for (RecordNumber number = 0; number < fates_.size(); ++number) {
    if (in_the_bar(fates_[number])) expect_no_loss(number);
  }
  if (scenario_.delivery == Delivery::at_most_once && scenario_.stable()) {
    const auto given = static_cast<std::uint64_t>(given_);
    expect(given == taken_ + missed_, "no loss: without new placements the counts are exact", given, taken_, missed_);
  }
}

}  // namespace skep::simulation
