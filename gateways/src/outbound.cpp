#include "outbound.hpp"

#include <cassert>

namespace skep {

void Outbound::add(caf::strong_actor_ptr sender, RecordBatch batch) {
  if (batch.records.empty()) return;
  waiting_ += batch.records.size();
  batches_.push_back({std::move(sender), std::move(batch)});
}

const Record& Outbound::front() const {
  assert(!empty());
  return batches_.front().batch.records[batches_.front().taken];
}

void Outbound::pop() {
  assert(!empty());
  auto& front = batches_.front();
  front.batch.records[front.taken++] = {};
  --waiting_;
  if (front.taken < front.batch.records.size()) return;
  grant_front();
  batches_.pop_front();
}

void Outbound::grant_front() {
  auto& front = batches_.front();
  const auto records = static_cast<std::uint32_t>(front.taken - front.granted);
  front.granted = front.taken;
  if (records == 0) return;
  grants_.push_back({front.sender, {front.batch.generation, front.batch.edge, front.batch.receiver, records}});
}

std::vector<Outbound::Grant> Outbound::take_grants() {
  if (!empty()) grant_front();
  return std::exchange(grants_, {});
}

}  // namespace skep
