#include "skep/actors/outbox.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

constexpr std::size_t emission_slots_min = 16;
constexpr std::size_t emission_slots_kept_max = 8192;  // a larger table is given back after its call

std::size_t hash(Port port, RecordId id) {
  auto mixed = (id.high ^ (id.low * 0x9E3779B97F4A7C15u) ^ port.index()) * 0xBF58476D1CE4E5B9u;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}

void require_record(const Record& record) {
  if (!record) throw std::invalid_argument("an empty record was given to an Outbox");
}

void require_port(Port port) {
  if (port == Port()) {
    throw std::logic_error(
        "a record was sent on a port that is not described: describe() must say output(\"...\", &T::port_)");
  }
  if (port.index() >= limits::ports_max) {
    throw std::invalid_argument("port " + std::to_string(port.index()) + " is past the limit of " +
                                std::to_string(limits::ports_max) + " ports (ports_max)");
  }
}

}  // namespace

void Outbox::emit_further(Port port, Record&& further) {
  auto record = std::move(further);
  require_record(record);
  require_port(port);
  if (emitted_ == 0) {
    first_emission_ = of_call_;
  } else {
    record = renamed(port, std::move(record));
  }
  push({Kind::emit, port}, std::move(record));
  ++emitted_;
}

void Outbox::reply(Record record) {
  require_record(record);
  push({Kind::reply, default_port}, std::move(record));
}

void Outbox::fail(const Record& record, std::string_view message) {
  require_record(record);
  push({Kind::fail, default_port}, record.failure(errc::rejected, utf8_prefix(message, limits::message_bytes_max)));
}

void Outbox::fail(const Record& record, BeeFault fault) {
  require_record(record);
  faults_.emplace_back(record, std::move(fault));
}

void Outbox::drop(const Record& record, std::string_view reason) {
  require_record(record);
  push({Kind::drop, default_port}, record.failure(errc::dropped, utf8_prefix(reason, limits::message_bytes_max)));
}

void Outbox::reject(Port port, Record record, std::string_view reason) {
  require_record(record);
  require_port(port);
  push({Kind::reject, port}, record.failure(errc::rejected, utf8_prefix(reason, limits::message_bytes_max)));
  emit(port, std::move(record));
}

Held Outbox::hold(Record record) {
  require_record(record);
  if (held_ == nullptr) {
    throw std::logic_error("hold() in a bee whose class does not declare it: describe() must say holds_records()");
  }
  return held_->hold(std::move(record));
}

void Outbox::lose(const Record& record, errc code, std::string_view reason) {
  append({Kind::lose, default_port}, record.failure(code, utf8_prefix(reason, limits::message_bytes_max)));
}

void Outbox::push(What what, Record record) {
  if (of_call_ >= limits::outputs_per_call_max) {
    throw std::length_error("more than " + std::to_string(limits::outputs_per_call_max) +
                            " outputs from one call (outputs_per_call_max)");
  }
  append(what, std::move(record));
}

void Outbox::append(What what, Record record) {
  if (last_ != what) runs_.push_back({what, records_.size()});
  last_ = what;
  records_.push_back(std::move(record));
  ++of_call_;
}

std::vector<Outbox::Entry> Outbox::entries() {
  std::vector<Entry> all;
  each_run([&](const Run& run) {
    for (const auto& record : run.records) all.push_back({run.what.kind, run.what.port, record});
  });
  return all;
}

void Outbox::rollback() noexcept {
  assert(of_call_ <= records_.size());
  records_.erase(records_.end() - static_cast<std::ptrdiff_t>(of_call_), records_.end());
  while (!runs_.empty() && runs_.back().begin >= records_.size()) runs_.pop_back();
  last_ = runs_.empty() ? nothing : runs_.back().what;
  of_call_ = 0;
  emitted_ = 0;
  faults_.clear();
}

void Outbox::clear() noexcept {
  records_.clear();
  runs_.clear();
  last_ = nothing;
  faults_.clear();
  of_call_ = 0;
  emitted_ = 0;
  if (emissions_.size() > emission_slots_kept_max) emissions_ = {};
}

Record Outbox::renamed(Port port, Record record) {
  if (emitted_ == 1) {
    ++call_;  // frees all slots
    const auto first = records_.size() - of_call_ + first_emission_;
    const auto run = std::ranges::upper_bound(runs_, first, {}, &Begun::begin) - 1;
    static_cast<void>(count_emission(run->what.port, records_[first].id()));
  }
  const auto times = count_emission(port, record.id());
  return times == 0 ? std::move(record) : record.with_id(record.id().derived(times));
}

std::uint64_t Outbox::count_emission(Port port, RecordId id) {
  if (emissions_.size() < 2 * (emitted_ + 2)) grow_emissions();
  auto& emission = find_emission(port, id);
  if (emission.call != call_) emission = {id, call_, 0, port};
  return emission.times++;
}

Outbox::Emission& Outbox::find_emission(Port port, RecordId id) noexcept {
  const auto mask = emissions_.size() - 1;
  auto slot = hash(port, id) & mask;
  while (emissions_[slot].call == call_ && !(emissions_[slot].id == id && emissions_[slot].port == port)) {
    slot = (slot + 1) & mask;
  }
  return emissions_[slot];
}

void Outbox::grow_emissions() {
  std::vector<Emission> old(std::max(emission_slots_min, 2 * emissions_.size()));
  old.swap(emissions_);
  for (const auto& emission : old) {
    if (emission.call == call_) find_emission(emission.port, emission.id) = emission;
  }
}

}  // namespace skep
