#include "../../runtime/src/process_memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/sanitizers.hpp"

namespace skep::detail {
namespace process_memory_test {

namespace fs = std::filesystem;

/// A folder that stands for `/`.
class ProcessMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "skep-memory-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    write("proc/meminfo", "MemTotal:       24685092 kB\nMemFree:        21320828 kB\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << text;
  }
  [[nodiscard]] std::size_t allowed() const { return memory_allowed(root_); }

  static constexpr std::size_t machine = std::size_t{24685092} << 10;
  std::string root_;
};

TEST_F(ProcessMemoryTest, TheMachinesMemoryIsWhatThereIs) {
  EXPECT_EQ(allowed(), machine);
}

TEST_F(ProcessMemoryTest, ACgroupOfVersion2Limits) {
  write("proc/self/cgroup", "0::/system.slice/skep.service\n");
  write("sys/fs/cgroup/system.slice/skep.service/memory.max", "536870912\n");
  EXPECT_EQ(allowed(), 512u << 20);
}

TEST_F(ProcessMemoryTest, WhatIsAboveACgroupLimitsToo) {
  write("proc/self/cgroup", "0::/system.slice/skep.service\n");
  write("sys/fs/cgroup/system.slice/skep.service/memory.max", "max\n");
  write("sys/fs/cgroup/system.slice/memory.max", "268435456\n");
  EXPECT_EQ(allowed(), 256u << 20);
}

TEST_F(ProcessMemoryTest, InAContainerThePathMayBeTheHosts) {
  write("proc/self/cgroup", "0::/../../kubepods/pod1/4f1e\n");
  write("sys/fs/cgroup/memory.max", "134217728\n");
  EXPECT_EQ(allowed(), 128u << 20);
}

TEST_F(ProcessMemoryTest, ACgroupOfVersion1Limits) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/docker/4f1e\n0::/\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(allowed(), machine) << "its word for no limit";
  write("sys/fs/cgroup/memory/docker/4f1e/memory.limit_in_bytes", "67108864\n");
  EXPECT_EQ(allowed(), 64u << 20);
}

TEST_F(ProcessMemoryTest, NothingKnownIsZero) {
  fs::remove(root_ + "/proc/meminfo");
  EXPECT_EQ(allowed(), 0u);
  write("proc/meminfo", "MemTotal: lots\n");
  write("proc/self/cgroup", "nonsense\n1:\n::\n0::no/slash\n");
  EXPECT_EQ(allowed(), 0u);
}

TEST_F(ProcessMemoryTest, ReadsResidentBytes) {
  EXPECT_EQ(resident_bytes("2209 1500 300 10 0 400 0\n", 4096), 1500u * 4096u);
  EXPECT_EQ(resident_bytes("", 4096), std::nullopt);
  EXPECT_EQ(resident_bytes("2209", 4096), std::nullopt);
}

TEST_F(ProcessMemoryTest, SeesThatThisProcessGrows) {
  const ResidentMemory memory;
  const auto before = memory.read();
  ASSERT_TRUE(before.has_value());
  const std::vector<char> block(64u << 20, 'x');
  const auto after = memory.read();
  ASSERT_TRUE(after.has_value());
  EXPECT_GE(*after, *before + (block.size() - (8u << 20)));
  EXPECT_LE(*after, memory_allowed());
}

TEST(KeepFreedMemoryTest, ASmallBudgetKeepsLess) {
  EXPECT_EQ(freed_memory_kept(32u << 20, 0), 32u << 20);
  EXPECT_EQ(freed_memory_kept(32u << 20, 1u << 30), 32u << 20);
  EXPECT_EQ(freed_memory_kept(32u << 20, 64u << 20), 4u << 20);
  EXPECT_EQ(freed_memory_kept(0, 64u << 20), 0u);
}

/// Pages that a thread asks the system for while it fills 16 MiB, in blocks as links have them, and frees them.
long faults_of_frames() {
  const auto so_far = [] {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
  };
  const auto before = so_far();
  std::vector<std::vector<char>> frames;
  for (int i = 0; i < 64; ++i) frames.emplace_back(256u << 10, 'x');
  frames.clear();
  return so_far() - before;
}

TEST(KeepFreedMemoryTest, WhatWasFreedIsUsedAgainWithoutTheSystem) {
  if (testing::sanitized) GTEST_SKIP() << "sanitizers have an allocator of their own";
  keep_freed_memory(32u << 20);
  std::thread([] {
    (void)faults_of_frames();
    EXPECT_LT(faults_of_frames(), 256) << "of 4,096 pages";
  }).join();
}

}  // namespace process_memory_test
}  // namespace skep::detail
