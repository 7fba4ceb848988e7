#include "skep/actors/record_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <span>
#include <string>

namespace skep {
namespace record_queue_test {

Record record(std::uint64_t number, std::size_t bytes) {
  RecordHeader header;
  header.id = {1, number};
  return Record(header, Payload::raw(std::string(bytes, 'x')));
}

/// What the queue must be like: one record after the other, each looked at.
struct Model {
  std::deque<Record> records;

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& each : records) sum += each.size();
    return sum;
  }
  Quantity fitting(std::size_t count, std::uint64_t room) const {
    Quantity sum;
    for (std::size_t i = 0; i < count && sum.bytes + records[i].size() <= room; ++i) {
      sum = sum + Quantity{1, records[i].size()};
    }
    return sum;
  }
};

void require_alike(const RecordQueue& queue, const Model& model) {
  RC_ASSERT(queue.size() == model.records.size());
  RC_ASSERT(queue.bytes() == model.bytes());
  if (!queue.empty()) RC_ASSERT(queue.next_bytes() == model.records.front().size());
}

void require_front(const std::vector<Record>& taken, Model& model) {
  for (const auto& each : taken) {
    RC_ASSERT(each.id() == model.records.front().id());
    model.records.pop_front();
  }
}

RC_GTEST_PROP(RecordQueueTest, IsLikeOneThatLooksAtEachRecord, ()) {
  RecordQueue queue;
  Model model;
  std::uint64_t number = 0;
  const auto some = [&] {
    std::vector<Record> records;
    const auto count = *rc::gen::inRange<std::size_t>(0, 12);
    while (records.size() < count) records.push_back(record(++number, *rc::gen::inRange<std::size_t>(0, 5)));
    return records;
  };
  for (auto steps = *rc::gen::inRange(1, 40); steps > 0; --steps) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0: {
        model.records.push_back(record(++number, 3));
        queue.push(Record(model.records.back()));
        break;
      }
      case 1: {
        auto records = some();
        model.records.insert(model.records.end(), records.begin(), records.end());
        queue.push_all(std::span(records), [](Record& each) { return std::move(each); });
        break;
      }
      case 2: {
        auto records = some();
        model.records.insert(model.records.begin(), records.begin(), records.end());
        queue.push_front(std::move(records));
        break;
      }
      case 3: {
        require_front(queue.take(*rc::gen::inRange<std::size_t>(0, queue.size() + 1)), model);
        break;
      }
      default: {
        if (!queue.empty()) require_front({queue.pop()}, model);
      }
    }
    require_alike(queue, model);
    const auto count = *rc::gen::inRange<std::size_t>(0, queue.size() + 1);
    const auto room = *rc::gen::inRange<std::uint64_t>(0, queue.bytes() + 3);
    RC_ASSERT(queue.fitting(count, room) == model.fitting(count, room));
  }
}

TEST(RecordQueueTest, RecordsWithoutBytesFitIntoNoRoom) {
  RecordQueue queue;
  for (std::uint64_t i = 0; i < 3; ++i) queue.push(record(i, 0));
  queue.push(record(3, 1));
  EXPECT_EQ(queue.fitting(4, 0), (Quantity{3, 0}));
  EXPECT_EQ(queue.fitting(4, 1), (Quantity{4, 1}));
}

}  // namespace record_queue_test
}  // namespace skep
