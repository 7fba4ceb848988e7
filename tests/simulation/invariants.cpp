#include "invariants.hpp"

namespace skep::simulation {

void Invariants::broken(const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  if (!violation_.empty()) return;
  violation_ = std::string(what) + " (" + std::to_string(a) + ", " + std::to_string(b) + ", " + std::to_string(c) + ")";
}

Invariants::Log& Invariants::log(ActorId sender, Epoch epoch, ActorId receiver) {
  const std::uint64_t key = (((epoch.counter << 8) | epoch.node) << 16) | (index(sender) << 8) | index(receiver);
  return logs_[key];
}

RecordNumber Invariants::admitted(ActorId gateway, Epoch incarnation, std::uint32_t key) {
  fates_.push_back({gateway, incarnation, key});
  return static_cast<RecordNumber>(fates_.size() - 1);
}

void Invariants::reached_sink(const Record& record) {
  const auto number = number_of(record);
  auto& fate = fates_[number];
  ++fate.sinks;
  const auto most = scenario_.delivery == Delivery::at_most_once ? 1 : 1 + fate.replays;
  expect(fate.sinks <= most, "duplicates: a record reached sinks more often than it was replayed", number, fate.sinks,
         most);
}

void Invariants::at_end() {
  std::uint64_t missing = 0;
  for (RecordNumber number = 0; number < fates_.size(); ++number) {
    const auto& fate = fates_[number];
    if (fate.sinks != 0 || fate.excused || !in_the_bar(fate)) continue;
    ++missing;
    if (scenario_.delivery == Delivery::at_least_once) {
      expect(false, "no loss: a record reached no sink", number, index(fate.gateway), fate.replays);
    } else {
      expect(fate.lost, "no loss: a record reached no sink and was not counted lost", number, index(fate.gateway));
    }
  }
  if (scenario_.delivery == Delivery::at_most_once && scenario_.stable()) {
    expect(missing == missed_, "no loss: without new placements the counts are exact", missing, missed_);
  }
}

}  // namespace skep::simulation
