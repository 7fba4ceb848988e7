#include "../../serialization/src/block_memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool pooled = false;
#else
constexpr bool pooled = true;
#endif

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
    for (std::size_t aligned = 0; aligned < 2 * limits::pooled_block_bytes_max; aligned += 61) {
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

TEST(BlockMemoryTest, WhatOneThreadReleasesAnotherGets) {
  if (!pooled) GTEST_SKIP() << "sanitizers get every block from the heap";
  const auto before = depot_bytes();
  const auto blocks = allocate(4 * limits::magazine_blocks, 900);
  std::set<void*> released;
  for (const auto& block : blocks) released.insert(block.front);
  std::thread([&] { release(blocks); }).join();
  EXPECT_GT(depot_bytes(), before);
  const auto again = allocate(4 * limits::magazine_blocks, 900);
  for (const auto& block : again) EXPECT_EQ(released.count(block.front), 1u);
  EXPECT_EQ(depot_bytes(), before);
  release(again);
}

TEST(BlockMemoryTest, TheDepotKeepsNoMoreThanItsLimit) {
  if (!pooled) GTEST_SKIP() << "sanitizers get every block from the heap";
  constexpr std::size_t bytes = 512;
  release(allocate(2 * limits::depot_bytes_max / bytes, bytes));
  EXPECT_LE(depot_bytes(), limits::depot_bytes_max);
  EXPECT_GT(depot_bytes(), limits::depot_bytes_max - 2 * limits::magazine_blocks * bytes);
}

TEST(BlockMemoryTest, AnImpossibleSizeIsRefused) {
  EXPECT_THROW((void)allocate_block(128, SIZE_MAX - 64), std::bad_alloc);
}

}  // namespace
}  // namespace skep
