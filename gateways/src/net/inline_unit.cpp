#include "net/inline_unit.hpp"

#include <utility>

namespace skep {

InlineUnit::InlineUnit(caf::actor_system& system, HandOn hand_on)
    : caf::execution_unit(&system), hand_on_(std::move(hand_on)) {}

void InlineUnit::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
}

InlineUnit::Resumables InlineUnit::close() {
  const std::scoped_lock lock(mutex_);
  open_ = false;
  return std::exchange(kept_, {});
}

void InlineUnit::exec_later(caf::resumable* actor) {
  {
    const std::scoped_lock lock(mutex_);
    if (open_) return kept_.push_back(actor);
  }
  hand_on_(actor);
}

}  // namespace skep
