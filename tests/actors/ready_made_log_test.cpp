#include <gmock/gmock.h>
#include <malloc.h>

#include "actors/option_values.hpp"
#include "skep/actors/limits.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/serialization/tensor.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep::testing {
namespace ready_made_log_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

BeeHarnessBase start(const OptionValue& options = table({})) {
  BeeRegistry bees;
  add_ready_made_bees(bees);
  return {bees, "skep.log", options};
}

std::vector<std::string> lines(const BeeHarnessBase& bee) {
  std::vector<std::string> texts;
  for (const auto& line : bee.log()) texts.push_back(line.text);
  return texts;
}

void send_raw(BeeHarnessBase& bee, std::string_view text) {
  bee.send(make_record(Payload::raw(text)));
}

TEST(ReadyMadeLogTest, WritesEachRecordAtItsLevelAfterItsPrefix) {
  auto bee = start(table({{"level", option("warning")}, {"prefix", option("audit: ")}}));
  bee.send(R"({"a": 1})");
  ASSERT_THAT(lines(bee), ElementsAre(R"(audit: {"a": 1})"));
  EXPECT_EQ(bee.log().front().level, LogLevel::warning);
  EXPECT_THAT(bee.emitted(), IsEmpty());
  EXPECT_THAT(bee.drops(), IsEmpty());
}

TEST(ReadyMadeLogTest, LeavesTheEscapingToTheLog) {
  auto bee = start();
  send_raw(bee, "a\nb\x1b[2J\\n\xff");
  EXPECT_THAT(lines(bee), ElementsAre("a\nb\x1b[2J\\n\xff"));
}

TEST(ReadyMadeLogTest, CutsLongRecordsBetweenCharacters) {
  auto bee = start(table({{"text_bytes_max", option(4)}}));
  send_raw(bee, "abc\xc3\xa4z");
  send_raw(bee, "abcd");
  EXPECT_THAT(lines(bee), ElementsAre("abc... (3 more bytes)", "abcd"));
}

std::size_t allocated() {
  const auto memory = ::mallinfo2();
  return memory.uordblks + memory.hblkhd;
}

TEST(ReadyMadeLogTest, KeepsTheLinesOfWhatWaitsAndNotThePayloads) {
  auto bee = start(table({{"lines_per_second_max", option(1)}, {"text_bytes_max", option(10)}}));
  send_raw(bee, "first");
  const auto before = allocated();
  constexpr std::size_t each = 4u << 20, all = 20;
  for (std::size_t i = 0; i < all; ++i) bee.send(make_record(Payload::raw(std::string(each, 'x'))));
  EXPECT_LT(allocated(), before + each);
  bee.advance(all * 1s);
  EXPECT_THAT(lines(bee), SizeIs(1 + all));
}

TEST(ReadyMadeLogTest, NamesKindAndSizeOfWhatIsNoText) {
  auto bee = start();
  const auto tensor = make_record(tensor_payload<float>(std::vector<std::int64_t>{2}, std::vector<float>{1, 2}));
  bee.send(tensor);
  EXPECT_THAT(lines(bee), ElementsAre("tensor, " + std::to_string(tensor.size()) + " bytes"));
}

TEST(ReadyMadeLogTest, KeepsLinesOverItsRateForTheNextSecond) {
  auto bee = start(table({{"lines_per_second_max", option(2)}}));
  for (const auto* text : {"1", "2", "3", "4", "5"}) send_raw(bee, text);
  EXPECT_THAT(lines(bee), ElementsAre("1", "2"));
  bee.advance(1s);
  EXPECT_THAT(lines(bee), ElementsAre("1", "2", "3", "4"));
  bee.advance(1s);
  EXPECT_THAT(lines(bee), ElementsAre("1", "2", "3", "4", "5"));
}

TEST(ReadyMadeLogTest, LeavesOutTheOldestLinesOfAFloodAndSaysHowMany) {
  auto bee = start(table({{"lines_per_second_max", option(1)}}));
  const auto flood = limits::log_lines_waiting_max + 4;
  for (std::size_t i = 0; i < flood; ++i) send_raw(bee, std::to_string(i));
  bee.advance(1s);
  EXPECT_THAT(lines(bee), ElementsAre("0", "3 records are left out here", "4"));
}

TEST(ReadyMadeLogTest, WritesWhatWaitsWhenTheSwarmStops) {
  auto bee = start(table({{"lines_per_second_max", option(1)}}));
  for (const auto* text : {"1", "2", "3"}) send_raw(bee, text);
  bee.stop();
  EXPECT_THAT(lines(bee), ElementsAre("1", "2", "3"));
}

TEST(ReadyMadeLogTest, WritesAtOnceAgainAfterAQuietSecond) {
  auto bee = start(table({{"lines_per_second_max", option(1)}}));
  send_raw(bee, "1");
  bee.advance(1s);
  send_raw(bee, "2");
  EXPECT_THAT(lines(bee), SizeIs(2));
}

}  // namespace ready_made_log_test
}  // namespace skep::testing
