#include "sim_holds.hpp"

#include <algorithm>
#include <utility>

namespace skep::simulation {

SimHolds::SimHolds(World& world, Place self)
    : world_(world),
      self_(self),
      surroundings_(world),
      held_({.records_max = world.scenario.held_max}, surroundings_) {}

bool SimHolds::add(const Record& record, Hold hold) {
  const auto most = world_.scenario.held_max;
  try {
    hold.handle = held_.hold(record);
  } catch (const TooManyHeld&) {
    world_.invariants.expect(holds_.size() >= most, "holds: there was room", index(self_.actor), holds_.size());
    return false;
  }
  held_.commit();
  hold.number = number_of(record);
  holds_.push_back(std::move(hold));
  world_.invariants.held();
  world_.note(Trace::Mark::held, index(self_.actor), number_of(record), holds_.size());
  world_.invariants.expect(holds_.size() <= most && held_.size() == holds_.size(), "holds: more than its bound",
                           index(self_.actor), holds_.size(), held_.size());
  return true;
}

std::optional<SimHolds::Free> SimHolds::take_due() {
  const auto first = std::ranges::min_element(holds_, {}, &Hold::until);
  if (first == holds_.end() || first->until > world_.now()) return std::nullopt;
  auto hold = std::move(*first);
  holds_.erase(first);
  world_.note(Trace::Mark::let_go, index(self_.actor), hold.number, holds_.size());
  world_.invariants.expect(static_cast<bool>(hold.handle), "holds: a handle is empty", index(self_.actor), hold.number);
  auto record = hold.handle.release();
  held_.commit();
  world_.invariants.expect(number_of(record) == hold.number, "holds: another record", index(self_.actor), hold.number);
  return Free{std::move(record), hold.cause};
}

std::vector<SimHolds::Free> SimHolds::take_over() {
  auto before = std::exchange(holds_, {});
  const auto records = held_.take_all();
  bool same = records.size() == before.size();
  for (std::size_t i = 0; same && i < before.size(); ++i) {
    same = !before[i].handle && number_of(records[i]) == before[i].number;
  }
  world_.invariants.expect(same, "holds: what was held is not what is taken back", index(self_.actor), before.size());
  std::vector<Free> lost;
  for (std::size_t i = 0; same && i < before.size(); ++i) {
    if (world_.scenario.delivery == Delivery::at_most_once) {
      lost.push_back({records[i], before[i].cause});
      continue;
    }
    before[i].handle = held_.hold(records[i]);
    before[i].until = world_.now();
    holds_.push_back(std::move(before[i]));
  }
  held_.commit();
  return lost;
}

void SimHolds::expect_undone(const Record& record) {
  if (holds_.size() >= world_.scenario.held_max) return;
  const auto handle = held_.hold(record);
  const bool nothing_let_go = held_.roll_back().empty();
  world_.invariants.expect(!handle && nothing_let_go && held_.size() == holds_.size(),
                           "holds: a call that threw holds a record", index(self_.actor), number_of(record));
}

void SimHolds::expect_not_held(const Ledger::Inputs& done) {
  for (const auto& hold : holds_) {
    const bool among =
        hold.session == done.session && hold.sequence >= done.first && hold.sequence < done.first + done.count;
    world_.invariants.expect(!among, "holds: done, and still held", index(self_.actor), hold.number);
  }
}

std::optional<Time> SimHolds::next() const {
  const auto first = std::ranges::min_element(holds_, {}, &Hold::until);
  return first == holds_.end() ? std::nullopt : std::optional(first->until);
}

}  // namespace skep::simulation
