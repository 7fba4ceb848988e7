#include "../../serialization/src/block_memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "skep/serialization/limits.hpp"
#include "support/sanitizers.hpp"

namespace skep {
namespace block_memory_test {

constexpr bool pooled = !testing::sanitized;

std::vector<BlockMemory> allocate(std::size_t count, std::size_t bytes) {
  std::vector<BlockMemory> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(allocate_block(bytes, 0));
  return blocks;
}

void release(const std::vector<BlockMemory>& blocks) {
  for (const auto& block : blocks) release_block(block.front, block.allocated);
}

TEST(BlockMemoryTest, EveryByteOfEverySizeMayBeWritten) {
  for (std::size_t front = 1; front < 300; front += 37) {
    for (std::size_t aligned = 0; aligned < limits::pooled_block_bytes_max + 2048; aligned += 61) {
      const auto block = allocate_block(front, aligned);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.front) % limits::payload_alignment, 0u);
      if (aligned != 0) {
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.aligned) % limits::payload_alignment, 0u);
      }
      std::memset(block.front, 0x11, front);
      std::memset(block.aligned, 0x22, aligned);
      release_block(block.front, block.allocated);
    }
  }
}

TEST(BlockMemoryTest, BlocksInUseAreApart) {
  const auto blocks = allocate(1000, 200);
  std::set<void*> fronts;
  for (const auto& block : blocks) fronts.insert(block.front);
  EXPECT_EQ(fronts.size(), blocks.size());
  release(blocks);
}

/// `bytes` a block, and how many of that size change threads together.
void expect_another_thread_gets_what_one_releases(std::size_t bytes, std::size_t together) {
  const auto before = depot_bytes();
  const auto blocks = allocate(4 * together, bytes);
  std::set<void*> released;
  for (const auto& block : blocks) released.insert(block.front);
  std::thread([&] { release(blocks); }).join();
  EXPECT_GT(depot_bytes(), before);
  const auto again = allocate(4 * together, bytes);
  for (const auto& block : again) EXPECT_EQ(released.count(block.front), 1u);
  EXPECT_EQ(depot_bytes(), before);
  release(again);
}

TEST(BlockMemoryTest, WhatOneThreadReleasesAnotherGets) {
  if (!pooled) GTEST_SKIP() << "sanitizers get every block from the heap";
  expect_another_thread_gets_what_one_releases(900, limits::magazine_blocks);
  expect_another_thread_gets_what_one_releases(limits::small_block_bytes_max, limits::magazine_blocks);
  expect_another_thread_gets_what_one_releases(limits::small_block_bytes_max + 1, limits::large_magazine_blocks);
  expect_another_thread_gets_what_one_releases(limits::pooled_block_bytes_max, limits::large_magazine_blocks);
}

TEST(BlockMemoryTest, BlocksOfEverySizeAreWholeAndApart) {
  std::vector<BlockMemory> blocks;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t bytes = 1; bytes < limits::pooled_block_bytes_max + 600; bytes += 7) {
      blocks.push_back(allocate_block(bytes, 0));
      std::memset(blocks.back().front, static_cast<int>(blocks.size() % 251), bytes);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const auto* const bytes = static_cast<const unsigned char*>(blocks[i].front);
      ASSERT_EQ(bytes[0], (i + 1) % 251);
      ASSERT_EQ(bytes[blocks[i].allocated - 1], (i + 1) % 251);
    }
    release(blocks);
    blocks.clear();
  }
}

TEST(BlockMemoryTest, TheDepotKeepsNoMoreThanItsLimit) {
  if (!pooled) GTEST_SKIP() << "sanitizers get every block from the heap";
  for (const std::size_t bytes : {std::size_t{512}, limits::pooled_block_bytes_max}) {
    release(allocate(2 * limits::depot_bytes_max / bytes, bytes));
    EXPECT_LE(depot_bytes(), limits::depot_bytes_max);
    EXPECT_GT(depot_bytes(), limits::depot_bytes_max - 2 * limits::magazine_blocks * bytes);
  }
}

TEST(BlockMemoryTest, AnImpossibleSizeIsRefused) {
  EXPECT_THROW((void)allocate_block(128, SIZE_MAX - 64), std::bad_alloc);
}

}  // namespace block_memory_test
}  // namespace skep
