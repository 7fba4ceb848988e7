#include "skep/actors/fifo.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <memory>

namespace skep {
namespace fifo_test {

TEST(FifoTest, HasNoMemoryBeforeItsFirstElement) {
  const Fifo<int> fifo;
  EXPECT_LE(sizeof fifo, 4 * sizeof(void*));
  EXPECT_TRUE(fifo.empty());
  EXPECT_EQ(fifo.memory(), 0u);
}

TEST(FifoTest, KeepsLittleMemoryOnceItIsEmpty) {
  Fifo<int> fifo;
  fifo.append(10'000, 1);
  while (!fifo.empty()) fifo.pop_front();
  EXPECT_LE(fifo.memory(), Fifo<int>::kept_bytes_max);
  fifo.append(10'000, 1);
  fifo.clear();
  EXPECT_LE(fifo.memory(), Fifo<int>::kept_bytes_max);
}

TEST(FifoTest, AnElementThatHasLeftIsGoneAtOnce) {
  Fifo<std::shared_ptr<int>> fifo;
  const auto first = std::make_shared<int>(1);
  fifo.push_back(first);
  for (int i = 0; i < 10; ++i) fifo.push_back(nullptr);
  fifo.pop_front();
  EXPECT_EQ(first.use_count(), 1);
}

TEST(FifoTest, TakesWhatOnlyMoves) {
  Fifo<std::unique_ptr<int>> fifo;
  for (int i = 0; i < 100; ++i) fifo.push_back(std::make_unique<int>(i));
  for (int i = 0; i < 100; ++i, fifo.pop_front()) ASSERT_EQ(*fifo.front(), i);
}

TEST(FifoTest, DoesWhatADequeDoes) {
  EXPECT_TRUE(rc::check("the same calls", [](const std::vector<unsigned>& calls) {
    Fifo<int> fifo;
    std::deque<int> deque;
    for (const auto call : calls) {
      const auto value = static_cast<int>(call / 8 % 5);
      switch (call % 8) {
        case 0:
          fifo.append(3, value);
          deque.insert(deque.end(), 3, value);
          break;
        case 1:
          fifo.remove(value);
          std::erase(deque, value);
          break;
        case 2:
        case 3:
          if (deque.empty()) break;
          fifo.pop_front();
          deque.pop_front();
          break;
        case 4:
          if (value == 0) fifo.clear(), deque.clear();
          break;
        default:
          fifo.push_back(value);
          deque.push_back(value);
      }
      RC_ASSERT(fifo.size() == deque.size());
      RC_ASSERT(std::equal(fifo.begin(), fifo.end(), deque.begin(), deque.end()));
      if (!deque.empty()) RC_ASSERT(fifo.front() == deque.front());
      if (!deque.empty()) RC_ASSERT(fifo[deque.size() - 1] == deque.back());
    }
  }));
}

}  // namespace fifo_test
}  // namespace skep
