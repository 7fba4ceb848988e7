#include "skep/actors/ledger.hpp"

#include <cassert>
#include <utility>

namespace skep {

Cause Ledger::open() {
  entries_.emplace_back();
  return static_cast<Cause>(first_ + entries_.size() - 1);
}

Cause Ledger::open(Inputs inputs) {
  const auto cause = open();
  add(cause, inputs);
  return cause;
}

void Ledger::add(Cause cause, Inputs inputs) {
  at(cause).inputs.push_back(inputs);
}

Ledger::Entry& Ledger::at(Cause cause) {
  const auto index = static_cast<std::uint64_t>(cause) - first_;
  assert(index < entries_.size());
  return entries_[index];
}

Cause Ledger::hold(Cause cause) {
  if (faults_.early_done) return Cause{};
  depend(cause);
  return cause;
}

void Ledger::settle(Cause cause) {
  if (cause == Cause{}) return;
  auto& entry = at(cause);
  assert(entry.open > 0);
  if (--entry.open != 0) return;
  done_.insert(done_.end(), entry.inputs.begin(), entry.inputs.end());
  entry.inputs = {};
  while (!entries_.empty() && entries_.front().open == 0) {
    entries_.pop_front();
    ++first_;
  }
}

std::vector<Ledger::Inputs> Ledger::take_done() {
  return std::exchange(done_, {});
}

}  // namespace skep
