#include "skep/actors/bee.hpp"

namespace skep {

BeeContext::~BeeContext() = default;

Bee::~Bee() = default;

void Bee::on_start(BeeContext&) {}

void Bee::on_record(Record, Outbox&) {}

void Bee::on_batch(std::span<Record> records, Outbox& out) {
  for (auto& record : records) on_record(std::move(record), out);
}

void Bee::on_timer(TimerId, Outbox&) {}

void Bee::on_stop(Outbox&) {}

}  // namespace skep
