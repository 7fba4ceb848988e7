#pragma once
// Records that wait to be sent, in order, with what their bytes add up to. Pure.
//
// The sums stand apart from the records: which of them fit into a credit is known without touching one, whose lines
// other cores may have by then. Mostly all that waits leaves at once, and then nothing is moved.
// Lifetime: owned by its sender. Threads: its sender's.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "skep/actors/credit.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

class RecordQueue {
 public:
  void push(Record&& record) {
    make_room(1);
    end_ += record.size();
    ends_.push_back(end_);
    records_.push_back(std::move(record));
  }
  /// The records that `make`, which does not throw, makes of `items`, one of each.
  template <class Item, class Make>
  void push_all(std::span<Item> items, Make make) {
    make_room(items.size());
    ends_.resize(ends_.size() + items.size());
    auto* ends = ends_.data() + records_.size();
    for (auto& item : items) {
      Record record = make(item);
      *ends++ = end_ += record.size();
      records_.push_back(std::move(record));
    }
  }
  /// Before all others.
  void push_front(std::vector<Record> records);

  /// Removes and returns the first `count`, of at most size().
  [[nodiscard]] std::vector<Record> take(std::size_t count);
  /// Removes and returns the first one; there is one.
  [[nodiscard]] Record pop();

  [[nodiscard]] std::size_t size() const noexcept { return records_.size() - front_; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return end_ - begin_; }
  /// Of the first one; there is one.
  [[nodiscard]] std::uint64_t next_bytes() const noexcept {
    assert(!empty());
    return ends_[front_] - begin_;
  }
  /// Of the first `count`, of at most size(), as many as have `bytes` together.
  [[nodiscard]] Quantity fitting(std::size_t count, std::uint64_t bytes) const noexcept;

 private:
  /// For so many more, and at once for as many as left together last time.
  void make_room(std::size_t more) {
    const auto needed = records_.size() + more;
    if (needed <= records_.capacity()) return;
    records_.reserve(std::max({usual_, needed, 2 * records_.capacity()}));
    ends_.reserve(records_.capacity());
  }
  [[nodiscard]] std::vector<Record> take_most(std::size_t count);
  [[nodiscard]] std::vector<Record> take_few(std::size_t count);
  void passed(std::size_t count);

  std::vector<Record> records_;
  std::vector<std::uint64_t> ends_;  ///< of each: its bytes and those of all before it, since the queue began
  std::size_t front_ = 0;            ///< of both; what is before has left
  std::uint64_t begin_ = 0;          ///< where the first one's bytes begin
  std::uint64_t end_ = 0;            ///< where the last one's end
  std::size_t usual_ = 0;            ///< records that left together last time
};

}  // namespace skep
