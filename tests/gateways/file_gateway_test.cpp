#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "gateways/gateway_fixture.hpp"

namespace skep {
namespace file_gateway_test {

using namespace testing;
using ::testing::HasSubstr;

/// A folder for one test.
class Folder {
 public:
  Folder() {
    std::string pattern = ::testing::TempDir() + "/skep-file-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

HiveSetup file(const std::string& path, std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  HiveSetup setup;
  setup.type = "file";
  setup.answers = false;
  setup.options = table({{"path", option(path)}});
  for (const auto& [key, value] : more) setup.options = with(std::move(setup.options), key, value);
  return setup;
}

std::string numbered_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += std::to_string(i) + "\n";
  return lines;
}

TEST(FileGatewayTest, ReadsLinesToTheEndNoFasterThanTheSwarm) {
  Folder folder;
  constexpr int count = 50'000;
  write_file(folder.file("in"), numbered_lines(count) + "\"last, without an end\"");
  auto setup = file(folder.file("in"));
  setup.window = 8;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  EXPECT_FALSE(hive.counters().finished);
  hive.script(Script::echo);
  eventually([&] { return hive.counters().finished; }, "the end of the file");
  const auto accepted = hive.accepted();
  ASSERT_EQ(accepted.size(), count + 1u);
  EXPECT_EQ(accepted[count - 1], std::to_string(count - 1));
  EXPECT_EQ(accepted.back(), "\"last, without an end\"");
}

TEST(FileGatewayTest, PassesOverMalformedLinesAndSaysWhichTheyWere) {
  Folder folder;
  write_file(folder.file("in"), "1\n2\n{\n4\n");
  Hive hive(file(folder.file("in")));
  eventually([&] { return hive.counters().finished; }, "the end of the file");
  EXPECT_EQ(hive.counters().refused, 1u);
  EXPECT_TRUE(hive.log().contain("line 3"));
  EXPECT_EQ(hive.accepted(), (Texts{"1", "2", "4"}));
}

TEST(FileGatewayTest, PassesOverALineOverTheLimitAndSaysWhichItWas) {
  Folder folder;
  write_file(folder.file("in"), "1\n\"" + std::string(200'000, 'x') + "\"\n3\n");
  Hive hive(file(folder.file("in"), {{"line_bytes_max", option("1KiB")}}));
  eventually([&] { return hive.counters().finished; }, "the end");
  EXPECT_TRUE(hive.log().contain("line 2: the line is longer than line_bytes_max, which is 1024 bytes"));
  EXPECT_EQ(hive.accepted(), (Texts{"1", "3"}));
  EXPECT_EQ(hive.counters().refused, 1u);
  EXPECT_EQ(hive.counters().failure, "");
}

TEST(FileGatewayTest, AFileThatCannotBeReadToItsEndHasFailed) {
  Folder folder;
  Hive hive(file(folder.file("")));  // a folder opens like a file, and does not read like one
  eventually([&] { return hive.counters().finished; }, "the end");
  EXPECT_THAT(hive.counters().failure, HasSubstr("read no further after line 0: cannot read: Is a directory"));
  EXPECT_TRUE(hive.log().contain("Is a directory"));
}

TEST(FileGatewayTest, WritesAnswersInTheOrderOfTheLines) {
  Folder folder;
  write_file(folder.file("in"), numbered_lines(2000));
  auto setup = file(folder.file("in"), {{"output", option(folder.file("out"))}});
  setup.answers = true;
  Hive hive(std::move(setup));
  eventually([&] { return hive.counters().finished; }, "the end of the file");
  EXPECT_EQ(read_file(folder.file("out")), numbered_lines(2000));
}

TEST(FileGatewayTest, WritesRecordsThatBeesSend) {
  Folder folder;
  auto setup = file(folder.file("out"));
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.send_out({"1", "2", "3"});
  eventually([&] { return hive.taken() == 3; }, "credit for three");
  EXPECT_EQ(hive.drain().sent, 3u);
  EXPECT_EQ(read_file(folder.file("out")), "1\n2\n3\n");
}

TEST(FileGatewayTest, CountsWhatAFullDiskDoesNotTake) {
  auto setup = file("/dev/full");
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.send_out({"1", "2"});
  eventually([&] { return hive.counters().lost == 2; }, "two lost records");
  EXPECT_TRUE(hive.log().contain("No space left on device"));
  EXPECT_THAT(hive.counters().failure, HasSubstr("No space left on device"));
  hive.send_out({"3"});
  eventually([&] { return hive.taken() == 3; }, "credit all the same");
  EXPECT_EQ(hive.counters().lost, 3u);
}

/// A gateway that answers into a pipe, of which a test reads as much as it wants.
class AnswersIntoAPipe {
 public:
  explicit AnswersIntoAPipe(std::initializer_list<std::pair<const char*, OptionValue>> more) {
    EXPECT_EQ(::mkfifo(folder_.file("pipe").c_str(), 0600), 0);
    reader_ = ::open(folder_.file("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    write_file(folder_.file("in"), numbered_lines(count));
    auto setup = file(folder_.file("in"), more);
    setup.options = with(std::move(setup.options), "output", option(folder_.file("pipe")));
    setup.answers = true;
    hive_.emplace(std::move(setup));
    eventually([&] { return hive_->counters().requests == count && hive_->counters().requests_open == 0; }, "answers");
  }
  ~AnswersIntoAPipe() { ::close(reader_); }

  [[nodiscard]] Hive& hive() { return *hive_; }
  /// What is there.
  std::string read() {
    std::string all;
    std::vector<char> room(1 << 16);
    for (auto bytes = ::read(reader_, room.data(), room.size()); bytes > 0;) {
      all.append(room.data(), static_cast<std::size_t>(bytes));
      bytes = ::read(reader_, room.data(), room.size());
    }
    return all;
  }

  static constexpr int count = 50'000;

 private:
  Folder folder_;
  int reader_ = -1;
  std::optional<Hive> hive_;
};

TEST(FileGatewayTest, ADrainWaitsForWhoeverReadsItsAnswers) {
  AnswersIntoAPipe pipe({{"close_time_max", option("1ms")}});
  EXPECT_LT(pipe.hive().counters().answered, static_cast<std::uint64_t>(pipe.count));
  pipe.hive().start_drain();
  std::string read;
  const auto late = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  eventually([&] { return std::chrono::steady_clock::now() > late; }, "later");
  eventually([&] { return (read += pipe.read()) == numbered_lines(pipe.count); }, "all answers");
  const auto counters = pipe.hive().drain();
  EXPECT_EQ(counters.answered, static_cast<std::uint64_t>(pipe.count));
  EXPECT_EQ(counters.lost, 0u);
}

TEST(FileGatewayTest, ADrainCountsTheAnswersThatNobodyReads) {
  AnswersIntoAPipe pipe({{"drain_time_max", option("20ms")}, {"close_time_max", option("20ms")}});
  const auto counters = pipe.hive().drain();
  const auto read = pipe.read();
  EXPECT_EQ(counters.answered, static_cast<std::uint64_t>(std::count(read.begin(), read.end(), '\n')));
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.answered + counters.lost, static_cast<std::uint64_t>(pipe.count));
  EXPECT_EQ(counters.cut_off, counters.lost);
  EXPECT_TRUE(pipe.hive().log().contain("was closed before it had taken "));
}

TEST(FileGatewayTest, SaysHowFarItHasReadWhenItDrainsBeforeTheEnd) {
  Folder folder;
  write_file(folder.file("in"), numbered_lines(50'000));
  auto setup = file(folder.file("in"));
  setup.window = 8;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  ASSERT_FALSE(hive.counters().finished);
  hive.start_drain();
  eventually([&] { return hive.log().contain(folder.file("in") + " is read no further after line "); }, "a word");
}

TEST(FileGatewayTest, DoesNotEmptyTheFileItReads) {
  Folder folder;
  write_file(folder.file("in"), "1\n2\n");
  std::filesystem::create_symlink(folder.file("in"), folder.file("symlink"));
  std::filesystem::create_hard_link(folder.file("in"), folder.file("hard link"));
  for (const auto* output : {"symlink", "hard link"}) {
    auto setup = file(folder.file("in"), {{"output", option(folder.file(output))}});
    setup.answers = true;
    Hive hive(std::move(setup));
    EXPECT_THAT(hive.failure(), HasSubstr("is the file that is read: it cannot be written too"));
    EXPECT_EQ(read_file(folder.file("in")), "1\n2\n");
  }
  write_file(folder.file("other"), "old\n");
  auto setup = file(folder.file("symlink"), {{"output", option(folder.file("other"))}});
  setup.answers = true;
  Hive hive(std::move(setup));
  eventually([&] { return hive.counters().finished; }, "the end of the file");
  EXPECT_EQ(read_file(folder.file("other")), "1\n2\n") << "another file is emptied";
}

TEST(FileGatewayTest, EmptiesTheFileItWritesWithItsFirstLineOrAtItsEnd) {
  Folder folder;
  for (const bool writes : {true, false}) {
    write_file(folder.file("out"), "old\n");
    auto setup = file(folder.file("out"));
    setup.receives = true;
    Hive hive(std::move(setup));
    EXPECT_EQ(hive.failure(), "");
    EXPECT_EQ(read_file(folder.file("out")), "old\n");
    if (writes) {
      hive.send_out({"new"});
      eventually([&] { return read_file(folder.file("out")) == "new\n"; }, "the first line");
    }
    static_cast<void>(hive.drain());
    EXPECT_EQ(read_file(folder.file("out")), writes ? "new\n" : "");
  }
}

TEST(FileGatewayTest, AGatewayThatWasNotDrainedLeavesItsFileAsItWas) {
  Folder folder;
  write_file(folder.file("out"), "old\n");
  auto setup = file(folder.file("out"));
  setup.receives = true;
  std::optional<Hive>(std::move(setup)).reset();
  EXPECT_EQ(read_file(folder.file("out")), "old\n");
}

TEST(FileGatewayTest, AFileThatIsWrittenHasNoOtherUser) {
  Folder folder;
  const auto lines = numbered_lines(50'000);
  write_file(folder.file("data"), lines);
  const auto writer = [&] {
    auto setup = file(folder.file("data"));
    setup.receives = true;
    return setup;
  };
  {
    auto slowly = file(folder.file("data"));
    slowly.window = 8;
    Hive reading(std::move(slowly));
    reading.script(Script::accept_nothing);
    ASSERT_FALSE(reading.counters().finished);
    EXPECT_EQ(Hive(file(folder.file("data"))).failure(), "") << "two may read";
    EXPECT_THAT(Hive(writer()).failure(), HasSubstr("is read or written by another gateway"));
  }
  EXPECT_EQ(read_file(folder.file("data")), lines);
  Hive writing(writer());
  EXPECT_EQ(writing.failure(), "");
  EXPECT_THAT(Hive(writer()).failure(), HasSubstr("is read or written by another gateway"));
  EXPECT_THAT(Hive(file(folder.file("data"))).failure(), HasSubstr("is written by another gateway"));
}

TEST(FileGatewayTest, SaysWhichFileIsMissing) {
  Hive hive(file("/nowhere/in.json"));
  EXPECT_THAT(hive.failure(), HasSubstr("cannot open '/nowhere/in.json' to read: No such file or directory"));
}

TEST(FileGatewayTest, WaitsForAPipeWithoutHoldingUpTheThread) {
  Folder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  Hive hive(file(folder.file("pipe")));
  ASSERT_EQ(hive.failure(), "");
  EXPECT_FALSE(hive.counters().finished) << "nobody has written yet";
  const int writer = ::open(folder.file("pipe").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  ASSERT_EQ(::write(writer, "1\n2", 3), 3);
  eventually([&] { return hive.accepted() == Texts{"1"}; }, "a first line");
  ASSERT_EQ(::write(writer, "\n", 1), 1);
  eventually([&] { return hive.accepted() == Texts{"1", "2"}; }, "a second line");
  EXPECT_FALSE(hive.counters().finished);
  ::close(writer);
  eventually([&] { return hive.counters().finished; }, "the end of the pipe");
}

TEST(FileGatewayTest, SaysThatNobodyReadsThePipeItIsToWrite) {
  Folder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  auto setup = file(folder.file("pipe"));
  setup.receives = true;
  Hive hive(std::move(setup));
  EXPECT_THAT(hive.failure(), HasSubstr("to write: nobody reads this pipe"));
}

TEST(FileGatewayTest, WritesToAPipeNoFasterThanItIsRead) {
  Folder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  const int reader = ::open(folder.file("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  auto setup = file(folder.file("pipe"));
  setup.receives = true;
  Hive hive(std::move(setup));
  const std::string line(1000, '7');
  for (int i = 0; i < 1000; ++i) hive.send_out({line});
  std::string read;
  std::vector<char> room(1 << 16);
  eventually(
      [&] {
        const auto bytes = ::read(reader, room.data(), room.size());
        if (bytes > 0) read.append(room.data(), static_cast<std::size_t>(bytes));
        return read.size() == 1000 * (line.size() + 1);
      },
      "all lines");
  EXPECT_EQ(hive.counters().lost, 0u);
  ::close(reader);
}

}  // namespace file_gateway_test
}  // namespace skep
