#include "skep/actors/held.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "skep/actors/bee.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {

TooManyHeld::TooManyHeld(const std::string& what) : std::length_error(what) {}
TooManyHeld::~TooManyHeld() = default;

Held::Held() noexcept = default;
Held::Held(std::unique_ptr<Place> place) noexcept : place_(std::move(place)) {}
Held::Held(Held&& other) noexcept = default;

Held& Held::operator=(Held&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  place_ = std::move(other.place_);
  return *this;
}

Held::~Held() {
  let_go();
}

void Held::let_go() noexcept {
  if (*this) place_->holder->settle(*place_);
}

const Record& Held::record() const {
  if (!*this) throw std::logic_error("a Held that holds nothing was asked for its record");
  return place_->record;
}

bool Held::expired() const {
  const auto deadline = record().deadline();
  return deadline < place_->holder->context_.now();
}

Record Held::release() {
  auto record = this->record();
  let_go();
  place_.reset();
  return record;
}

HeldRecords::~HeldRecords() {
  static_cast<void>(take_all());
}

Held HeldRecords::hold(Record record) {
  const auto bytes = record.pinned_bytes();
  if (size_ >= limits_.records_max) {
    throw TooManyHeld("no room to hold the record: " + std::to_string(size_) + " " + std::string(is_or_are(size_)) +
                      " held (held_records_max = " + std::to_string(limits_.records_max) + ")");
  }
  if (bytes > limits_.bytes_max - std::min(bytes_, limits_.bytes_max)) {
    throw TooManyHeld("no room to hold the record of " + counted(bytes, "byte") + ": " + counted(bytes_, "byte") + " " +
                      std::string(is_or_are(bytes_)) + " held (held_bytes_max = " + std::to_string(limits_.bytes_max) +
                      ")");
  }
  auto place = std::make_unique<Held::Place>();
  place->record = std::move(record);
  link(*place);
  return Held(std::move(place));
}

void HeldRecords::commit() noexcept {
  ++call_;
  let_go_.clear();
}

std::vector<Record> HeldRecords::roll_back() {
  while (last_ != nullptr && last_->call == call_) {  // what this call held stands at the end
    auto& place = *last_;
    unlink(place);
    place.record = Record{};
  }
  ++call_;
  return std::exchange(let_go_, {});
}

std::vector<Record> HeldRecords::take_all() {
  std::vector<Record> all;
  all.reserve(size_);
  while (first_ != nullptr) {
    auto& place = *first_;
    unlink(place);
    all.push_back(std::exchange(place.record, {}));
  }
  return all;
}

void HeldRecords::link(Held::Place& place) noexcept {
  place.holder = this;
  place.call = call_;
  place.before = last_;
  (last_ == nullptr ? first_ : last_->after) = &place;
  last_ = &place;
  ++size_;
  bytes_ += place.record.pinned_bytes();
}

void HeldRecords::unlink(Held::Place& place) noexcept {
  assert(place.holder == this && size_ > 0 && place.record.pinned_bytes() <= bytes_);
  (place.before == nullptr ? first_ : place.before->after) = place.after;
  (place.after == nullptr ? last_ : place.after->before) = place.before;
  place.holder = nullptr;
  --size_;
  bytes_ -= place.record.pinned_bytes();
}

void HeldRecords::settle(Held::Place& place) {
  unlink(place);
  if (place.call != call_) let_go_.push_back(std::move(place.record));
  place.record = Record{};
}

}  // namespace skep
