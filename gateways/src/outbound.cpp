#include "outbound.hpp"

#include <cassert>

namespace skep {

void Outbound::add(RecordBatch&& batch, const caf::strong_actor_ptr& sender) {
  auto arrival = inputs_.receive(std::move(batch), sender);
  waiting_ += arrival.records.size();
  if (!arrival.records.empty()) arrivals_.push_back({std::move(arrival), 0});
}

const Record& Outbound::front() const {
  assert(!empty());
  return arrivals_.front().arrival.records[arrivals_.front().taken];
}

void Outbound::pop() {
  assert(!empty());
  auto& [arrival, taken] = arrivals_.front();
  inputs_.accepted(arrival, taken, 1);
  inputs_.done({arrival.session, arrival.first + taken, 1});
  arrival.records[taken++] = {};
  --waiting_;
  if (taken == arrival.records.size()) arrivals_.pop_front();
}

}  // namespace skep
