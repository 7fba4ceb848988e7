#include "../../actors/src/window/window_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

namespace skep {
namespace window_set_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Values = std::vector<int>;

/// What is told of a window, in whole seconds.
struct Told {
  std::string key;
  std::int64_t begin;
  std::uint64_t revision;
  Values values;
  friend auto operator<=>(const Told&, const Told&) = default;
};

void showValue(const Told& told, std::ostream& out) {
  out << told.key << "@" << told.begin << "#" << told.revision << "(" << told.values.size() << ")";
}

EventTime at(std::int64_t seconds) {
  return EventTime(std::chrono::seconds(seconds));
}
std::int64_t seconds(EventTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

WindowRules ten_seconds() {
  return {.length = 10s, .ahead_max = 1h, .keys_max = 100, .windows_max = 1000};
}

/// Windows of numbers, and what has been told of them.
class Stream {
 public:
  explicit Stream(const WindowRules& rules) : set_(rules) {}

  WindowVerdict send(const std::string& key, std::int64_t time, int value) {
    const auto verdict = set_.judge(key, at(time), wall_clock);
    if (verdict != WindowVerdict::taken) return verdict;
    set_.put(key, at(time), now_, [&](Values& values) { values.push_back(value); });
    close();
    return verdict;
  }
  void pass(std::chrono::seconds duration) {
    now_ += duration;
    close();
  }
  void end() {
    set_.close_all([this](const auto& window) { tell(window); });
  }
  [[nodiscard]] std::vector<Told> take_told() { return std::exchange(told_, {}); }
  [[nodiscard]] const WindowSet<Values>& set() const { return set_; }
  [[nodiscard]] ClockTime now() const { return now_; }

  EventTime wall_clock = at(1'000'000);

 private:
  void close() {
    set_.close(now_, [this](const auto& window) { tell(window); });
  }
  void tell(const WindowSet<Values>::Closed& window) {
    told_.push_back({std::string(window.key), seconds(window.begin), window.revision, window.state});
  }

  WindowSet<Values> set_;
  ClockTime now_{1h};
  std::vector<Told> told_;
};

TEST(WindowSetTest, TellsAWindowWhenALaterRecordShowsThatItIsOver) {
  Stream stream(ten_seconds());
  stream.send("a", 3, 1);
  stream.send("a", 9, 2);
  EXPECT_THAT(stream.take_told(), IsEmpty());
  stream.send("b", 10, 3);
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 0, 0, {1, 2}}));
  EXPECT_EQ(stream.set().windows(), 1u);
  EXPECT_EQ(stream.set().keys(), 1u);
}

TEST(WindowSetTest, AlignsWindowsToTheEpochAlsoBeforeIt) {
  const auto rules = ten_seconds();
  EXPECT_EQ(last_begin_of(at(0), rules), at(0));
  EXPECT_EQ(last_begin_of(at(-1), rules), at(-10));
  EXPECT_EQ(last_begin_of(at(-10), rules), at(-10));
  EXPECT_EQ(last_begin_of(at(-11), rules), at(-20));
  EXPECT_EQ(first_begin_of(at(-1), rules), at(-10));
}

TEST(WindowSetTest, ASlidingWindowIsToldForEachOfItsBegins) {
  auto rules = ten_seconds();
  rules.slide = 5s;
  Stream stream(rules);
  stream.send("a", 7, 1);
  stream.send("a", 100, 2);
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 0, 0, {1}}, Told{"a", 5, 0, {1}}));
}

TEST(WindowSetTest, TellsWindowsInTheOrderOfTheirEndsThenOfKeys) {
  auto rules = ten_seconds();
  rules.out_of_order = 100s;
  Stream stream(rules);
  for (const auto& [key, time] : {std::pair{"b", 12}, {"a", 15}, {"c", 1}, {"b", 2}}) stream.send(key, time, 0);
  stream.send("z", 200, 0);
  EXPECT_THAT(stream.take_told(),
              ElementsAre(Told{"b", 0, 0, {0}}, Told{"c", 0, 0, {0}}, Told{"a", 10, 0, {0}}, Told{"b", 10, 0, {0}}));
}

TEST(WindowSetTest, WaitsForWhatIsOutOfOrderAndRefusesWhatIsLate) {
  auto rules = ten_seconds();
  rules.out_of_order = 5s;
  Stream stream(rules);
  stream.send("a", 14, 1);
  EXPECT_EQ(stream.send("a", 9, 2), WindowVerdict::taken);
  stream.send("a", 15, 3);
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 0, 0, {2}}));
  EXPECT_EQ(stream.send("a", 9, 4), WindowVerdict::late);
}

TEST(WindowSetTest, TellsAWindowAgainAfterALateRecordWithinItsLateness) {
  auto rules = ten_seconds();
  rules.lateness = 20s;
  Stream stream(rules);
  stream.send("a", 1, 1);
  stream.send("a", 10, 2);
  stream.send("a", 2, 3);
  stream.send("b", 3, 4);
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 0, 0, {1}}, Told{"a", 0, 1, {1, 3}}, Told{"b", 0, 0, {4}}));
  stream.send("a", 30, 5);
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 10, 0, {2}}));
  EXPECT_EQ(stream.send("a", 9, 6), WindowVerdict::late);
}

TEST(WindowSetTest, ARecordFarAheadOfTheClockEndsNothing) {
  Stream stream(ten_seconds());
  stream.wall_clock = at(100);
  stream.send("a", 99, 1);
  EXPECT_EQ(stream.send("a", 100 + 3601, 2), WindowVerdict::ahead);
  EXPECT_EQ(stream.send("a", std::int64_t{1} << 33, 2), WindowVerdict::out_of_range);
  EXPECT_EQ(stream.send("a", -(std::int64_t{1} << 33), 2), WindowVerdict::out_of_range);
  EXPECT_THAT(stream.take_told(), IsEmpty());
  EXPECT_EQ(stream.send("a", 99, 3), WindowVerdict::taken);
}

TEST(WindowSetTest, ASilentStreamGoesOnAsTheClockDoes) {
  auto rules = ten_seconds();
  rules.idle = 3s;
  Stream stream(rules);
  stream.send("a", 4, 1);
  EXPECT_EQ(stream.set().due(), stream.now() + 9s) << "6 s to the window's end, 3 s behind";
  stream.pass(8s);
  EXPECT_THAT(stream.take_told(), IsEmpty());
  stream.pass(1s);
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 0, 0, {1}}));
  EXPECT_EQ(stream.set().due(), std::nullopt);
  EXPECT_EQ(stream.send("a", 5, 2), WindowVerdict::late) << "a watermark never goes back";
}

TEST(WindowSetTest, WithoutIdleOnlyRecordsEndWindows) {
  Stream stream(ten_seconds());
  stream.send("a", 4, 1);
  EXPECT_EQ(stream.set().due(), std::nullopt);
  stream.pass(1000s);
  EXPECT_THAT(stream.take_told(), IsEmpty());
  stream.end();
  EXPECT_THAT(stream.take_told(), ElementsAre(Told{"a", 0, 0, {1}}));
  EXPECT_EQ(stream.set().windows(), 0u);
}

TEST(WindowSetTest, HasOnlySoManyKeysAndWindows) {
  auto rules = ten_seconds();
  rules.keys_max = 2;
  rules.windows_max = 3;
  rules.out_of_order = 1000s;
  Stream stream(rules);
  EXPECT_EQ(stream.send("a", 1, 0), WindowVerdict::taken);
  EXPECT_EQ(stream.send("b", 1, 0), WindowVerdict::taken);
  EXPECT_EQ(stream.send("c", 1, 0), WindowVerdict::keys_full);
  EXPECT_EQ(stream.send("a", 11, 0), WindowVerdict::taken);
  EXPECT_EQ(stream.send("b", 11, 0), WindowVerdict::windows_full);
  EXPECT_EQ(stream.send("b", 1, 0), WindowVerdict::taken) << "it has that window already";
  stream.send("a", 5, 0);
  EXPECT_EQ(stream.set().windows(), 3u);
}

TEST(WindowSetTest, AKeyWhoseWindowsAreOverMakesRoom) {
  auto rules = ten_seconds();
  rules.keys_max = 2;
  Stream stream(rules);
  stream.send("a", 1, 0);
  stream.send("b", 11, 0);
  EXPECT_EQ(stream.send("c", 12, 0), WindowVerdict::taken);
}

/// The same by brute force: remembers every record, and looks at all of them for every window.
class Reference {
 public:
  explicit Reference(const WindowRules& rules) : rules_(rules) {}

  WindowVerdict send(const std::string& key, std::int64_t time, int value, EventTime wall_clock, ClockTime now) {
    if (at(time) > wall_clock + rules_.ahead_max) return WindowVerdict::ahead;
    bool in_any = false;
    for (const auto begin : begins(time)) {
      if (gone(begin)) continue;
      in_any = true;
      records_.push_back({key, begin, value});
    }
    if (!in_any) return WindowVerdict::late;
    highest_ = highest_ ? std::max(*highest_, at(time)) : at(time);
    last_ = now;
    return WindowVerdict::taken;
  }

  std::vector<Told> close(ClockTime now, bool all = false) {
    if (highest_) {
      auto reached = *highest_ - rules_.out_of_order;
      if (rules_.idle > 0s && now - last_ > rules_.idle) reached += now - last_ - rules_.idle;
      if (!watermark_ || reached > *watermark_) watermark_ = reached;
    }
    std::map<std::pair<std::int64_t, std::string>, Values> contents;
    for (const auto& [key, begin, value] : records_) contents[{begin, key}].push_back(value);
    std::vector<Told> told;
    for (const auto& [place, values] : contents) {
      const bool over = all || (watermark_ && at(place.first) + rules_.length <= *watermark_);
      auto& before = told_[place];
      if (!over || before.second.size() == values.size()) continue;
      told.push_back({place.second, place.first, before.first++, values});
      before.second = values;
    }
    return told;
  }

 private:
  [[nodiscard]] std::vector<std::int64_t> begins(std::int64_t time) const {
    std::vector<std::int64_t> found;
    const auto step = seconds(EventTime(rules_.step())), length = seconds(EventTime(rules_.length));
    for (std::int64_t begin = -1000 * step; begin <= time; begin += step) {
      if (time < begin + length) found.push_back(begin);
    }
    return found;
  }
  [[nodiscard]] bool gone(std::int64_t begin) const {
    return watermark_ && at(begin) + rules_.length + rules_.lateness <= *watermark_;
  }

  WindowRules rules_;
  std::vector<std::tuple<std::string, std::int64_t, int>> records_;
  std::optional<EventTime> highest_, watermark_;
  ClockTime last_{};
  std::map<std::pair<std::int64_t, std::string>, std::pair<std::uint64_t, Values>> told_;
};

WindowRules random_rules() {
  const auto upto = [](int most) { return std::chrono::seconds(*rc::gen::inRange(0, most + 1)); };
  WindowRules rules{.length = upto(19) + 1s, .out_of_order = upto(15), .lateness = upto(15), .idle = upto(5)};
  rules.slide = std::min(upto(20), std::chrono::duration_cast<std::chrono::seconds>(rules.length));
  rules.ahead_max = 30s;
  rules.keys_max = rules.windows_max = 100'000;
  return rules;
}

/// Times go on, jump back, come from clocks that are far ahead, and stand still while the clock goes on.
TEST(WindowSetTest, TellsWhatAReferenceTells) {
  EXPECT_TRUE(rc::check("any stream", [] {
    const auto rules = random_rules();
    Stream stream(rules);
    Reference reference(rules);
    std::int64_t front = *rc::gen::inRange(-100, 100);
    stream.wall_clock = at(front);
    const auto steps = *rc::gen::inRange(0, 120);
    for (int i = 0; i < steps; ++i) {
      if (*rc::gen::inRange(0, 5) == 0) {
        const auto pause = std::chrono::seconds(*rc::gen::inRange(0, 20));
        stream.wall_clock += pause;
        front += pause.count();
        stream.pass(pause);
      } else {
        const bool skewed = *rc::gen::inRange(0, 20) == 0;
        const auto time = front + (skewed ? *rc::gen::inRange(20, 5000) : *rc::gen::inRange(-40, 10));
        const std::string key(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)));
        const auto wanted = reference.send(key, time, i, stream.wall_clock, stream.now());
        RC_ASSERT(stream.send(key, time, i) == wanted);
        front += *rc::gen::inRange(0, 4);
        stream.wall_clock = at(front);
      }
      RC_ASSERT(stream.take_told() == reference.close(stream.now()));
    }
    stream.end();
    RC_ASSERT(stream.take_told() == reference.close(stream.now(), true));
    RC_ASSERT(stream.set().windows() == 0u);
    RC_ASSERT(stream.set().keys() == 0u);
  }));
}

/// Whoever calls `close` when it is due, and at no other time, tells all that the clock ends, and as soon as it does.
TEST(WindowSetTest, IsDueWhenTheClockEndsAWindow) {
  EXPECT_TRUE(rc::check("any silent stream", [] {
    auto rules = random_rules();
    rules.idle += 1s;
    Stream asked(rules), watched(rules);
    const auto count = *rc::gen::inRange(1, 20);
    for (int i = 0; i < count; ++i) {
      const auto time = *rc::gen::inRange(-40, 40);
      asked.send("a", time, i);
      watched.send("a", time, i);
    }
    RC_ASSERT(asked.take_told() == watched.take_told());
    for (int second = 0; second < 100; ++second) {
      watched.pass(1s);
      const auto due = asked.set().due();
      const bool is_due = due && *due <= watched.now();
      if (is_due) asked.pass(std::chrono::duration_cast<std::chrono::seconds>(watched.now() - asked.now()));
      RC_ASSERT(asked.set().windows() == watched.set().windows());
      RC_ASSERT(asked.take_told() == watched.take_told());
    }
    RC_ASSERT(watched.set().windows() == 0u);
  }));
}

}  // namespace window_set_test
}  // namespace skep
