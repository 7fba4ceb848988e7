#include "../../gateways/src/out_buffer.hpp"

#include <gtest/gtest.h>

#include <random>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace out_buffer_test {

void add(OutBuffer& out, Framing framing, std::string_view frame, Outgoing what) {
  ASSERT_TRUE(append_frame(framing, frame, out.end()).ok());
  out.added(what);
}

TEST(OutBufferTest, AFrameHasGoneWithItsLastByte) {
  for (const auto framing : {Framing::line, Framing::length}) {
    OutBuffer out(framing);
    add(out, framing, "first", Outgoing::answer);
    add(out, framing, "no", Outgoing::error);
    add(out, framing, "second", Outgoing::record);
    const auto first_bytes = framing == Framing::line ? 6u : 9u;
    EXPECT_EQ(out.wrote(first_bytes - 1).answers, 0u);
    EXPECT_EQ(out.left().answers, 1u);
    EXPECT_EQ(out.wrote(1).answers, 1u);
    EXPECT_EQ(out.left().answers, 0u);
    const auto rest = out.wrote(out.unwritten().size());
    EXPECT_EQ(rest.answers, 0u);
    EXPECT_EQ(rest.records, 1u);
    EXPECT_EQ(out.left().records, 0u);
    EXPECT_TRUE(out.unwritten().empty());
  }
}

TEST(OutBufferTest, GivesBackTheMemoryOfWhatHasGone) {
  OutBuffer out(Framing::line);
  add(out, Framing::line, std::string(1'000'000, 'x'), Outgoing::answer);
  EXPECT_GT(out.memory(), 1'000'000u);
  EXPECT_EQ(out.wrote(out.unwritten().size()).answers, 1u);
  EXPECT_LE(out.memory(), limits::session_free_bytes);
}

/// However writes cut it, every frame goes once and the bytes are those that were put in.
TEST(OutBufferTest, CountsTheSameUnderEverySplit) {
  std::mt19937 random(5);
  for (const auto framing : {Framing::line, Framing::length}) {
    OutBuffer out(framing);
    std::string expected, seen;
    FrameCounts put, gone;
    for (int step = 0; step < 20'000; ++step) {
      if (random() % 3 == 0) {
        const std::string frame(random() % 50, 'x');
        const auto what = static_cast<Outgoing>(random() % 3);
        ASSERT_TRUE(append_frame(framing, frame, expected).ok());
        add(out, framing, frame, what);
        put.add(what);
      }
      const auto bytes = std::min<std::size_t>(random() % 20, out.unwritten().size());
      seen += out.unwritten().substr(0, bytes);
      const auto done = out.wrote(bytes);
      gone.answers += done.answers;
      gone.records += done.records;
      ASSERT_EQ(gone.answers + out.left().answers, put.answers);
      ASSERT_EQ(gone.records + out.left().records, put.records);
      ASSERT_TRUE(expected.starts_with(seen) || step % 100 != 0);
    }
    seen += out.unwritten();
    EXPECT_EQ(seen, expected);
  }
}

}  // namespace out_buffer_test
}  // namespace skep
