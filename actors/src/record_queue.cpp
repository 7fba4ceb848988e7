#include "skep/actors/record_queue.hpp"

#include <iterator>

namespace skep {

void RecordQueue::push_front(std::vector<Record> records) {
  records.reserve(records.size() + size());
  std::move(records_.begin() + static_cast<std::ptrdiff_t>(front_), records_.end(), std::back_inserter(records));
  *this = {};
  push_all(std::span(records), [](Record& record) { return std::move(record); });
}

std::vector<Record> RecordQueue::take(std::size_t count) {
  assert(count <= size());
  if (count == 0) return {};
  if (front_ == 0 && 2 * count >= records_.size()) return take_most(count);
  return take_few(count);
}

/// What stays is moved, not what leaves.
std::vector<Record> RecordQueue::take_most(std::size_t count) {
  const auto begin = records_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Record> rest;
  if (begin != records_.end()) {
    rest.reserve(records_.size());
    rest.assign(std::make_move_iterator(begin), std::make_move_iterator(records_.end()));
    records_.erase(begin, records_.end());
  }
  usual_ = count;
  begin_ = ends_[count - 1];
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(count));
  return std::exchange(records_, std::move(rest));
}

std::vector<Record> RecordQueue::take_few(std::size_t count) {
  const auto begin = records_.begin() + static_cast<std::ptrdiff_t>(front_);
  std::vector<Record> taken(std::make_move_iterator(begin),
                            std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count)));
  passed(count);
  return taken;
}

Record RecordQueue::pop() {
  assert(!empty());
  auto record = std::move(records_[front_]);
  passed(1);
  return record;
}

/// The first `count` have left.
void RecordQueue::passed(std::size_t count) {
  begin_ = ends_[front_ + count - 1];
  front_ += count;
  if (2 * front_ <= records_.size()) return;
  records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(front_));
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(front_));
  front_ = 0;
}

Quantity RecordQueue::fitting(std::size_t count, std::uint64_t bytes) const noexcept {
  assert(count <= size());
  const auto first = ends_.begin() + static_cast<std::ptrdiff_t>(front_);
  auto end = first + static_cast<std::ptrdiff_t>(count);
  if (count != 0 && end[-1] - begin_ > bytes) end = std::upper_bound(first, end, begin_ + bytes);
  if (end == first) return {};
  return {static_cast<std::uint64_t>(end - first), end[-1] - begin_};
}

}  // namespace skep
