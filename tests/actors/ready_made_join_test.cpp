#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "../../actors/src/joined_objects.hpp"
#include "actors/option_values.hpp"
#include "actors/timed_records.hpp"
#include "skep/actors/limits.hpp"

namespace skep::testing {
namespace ready_made_join_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OptionValue two_parts() {
  return table({{"parts", option(2)}, {"within", option("1s")}});
}

BeeHarnessBase start(const OptionValue& options = two_parts()) {
  return {ready_made(), "skep.join", options};
}

/// A part of the record that `whole` is.
Record part(const Record& whole, std::string_view json) {
  return whole.with(Payload::json(json));
}

TEST(ReadyMadeJoinTest, JoinsThePartsOfARecord) {
  auto bee = start();
  const auto one = make_record("{}"), other = make_record("{}");
  bee.send(part(one, R"({"id": 1, "label": "cat"})"));
  bee.send(part(other, R"({"id": 2, "label": "dog"})"));
  EXPECT_EQ(bee.held(), 2u);
  bee.send(part(other, R"({"id": 2, "score": 0.5})"));
  bee.send(part(one, R"({"score": 0.25, "id": 1})"));
  EXPECT_THAT(texts(bee.emitted()),
              ElementsAre(R"({"id":2,"label":"dog","score":0.5})", R"({"id":1,"label":"cat","score":0.25})"));
  EXPECT_EQ(bee.emitted()[0].origin(), other.origin());
  EXPECT_EQ(bee.emitted()[1].id(), one.id());
  EXPECT_EQ(bee.held(), 0u);
}

TEST(ReadyMadeJoinTest, KnowsPartsByTheirRootWhateverTheirIds) {
  auto bee = start();
  const auto whole = make_record("{}");
  const auto further = whole.with_id(whole.id().derived(1));
  bee.send(part(further, R"({"a": 1})"));
  bee.send(part(whole, R"({"b": 2})"));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"a":1,"b":2})"));
  EXPECT_EQ(bee.emitted().front().id(), std::min(whole.id(), further.id()));
}

TEST(ReadyMadeJoinTest, NamesTheFieldThatPartsDifferIn) {
  auto bee = start();
  const auto whole = make_record("{}");
  bee.send(part(whole, R"({"id": 1})"));
  bee.send(part(whole, R"({"id": 2})"));
  EXPECT_THAT(bee.emitted(), IsEmpty());
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::bad_record);
  EXPECT_EQ(bee.failures().front().message, "parts differ in their field 'id'");
  EXPECT_EQ(bee.held(), 0u);
}

TEST(ReadyMadeJoinTest, TellsTheClientOnceThatPartsAreMissing) {
  auto bee = start(with(two_parts(), "parts", option(3)));
  const auto whole = make_record("{}");
  bee.send(part(whole, R"({"a": 1})"));
  bee.advance(999ms);
  bee.send(part(whole, R"({"b": 1})"));
  EXPECT_THAT(bee.failures(), IsEmpty());
  bee.advance(1ms);
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().message, "2 of 3 parts came within 1s (within)");
  EXPECT_THAT(texts(bee.emitted("unmatched")), ElementsAre(R"({"a": 1})", R"({"b": 1})"));
  EXPECT_EQ(bee.held(), 0u);
}

TEST(ReadyMadeJoinTest, APartThatComesTooLateOpensNothing) {
  auto bee = start();
  const auto whole = make_record("{}");
  bee.send(part(whole, R"({"a": 1})"));
  bee.advance(1s);
  bee.clear();
  bee.send(part(whole, R"({"b": 1})"));
  EXPECT_EQ(bee.held(), 0u);
  EXPECT_THAT(bee.failures(), IsEmpty());
  EXPECT_THAT(texts(bee.emitted("unmatched")), ElementsAre(R"({"b": 1})"));
}

TEST(ReadyMadeJoinTest, SoDoesAPartTooMany) {
  auto bee = start();
  const auto whole = make_record("{}");
  for (const auto* text : {R"({"a": 1})", R"({"b": 1})", R"({"c": 1})"}) bee.send(part(whole, text));
  bee.advance(5s);
  EXPECT_THAT(bee.emitted(), SizeIs(1));
  EXPECT_THAT(bee.emitted("unmatched"), SizeIs(1));
  EXPECT_THAT(bee.failures(), IsEmpty());
}

TEST(ReadyMadeJoinTest, WhoseClientHasBeenToldIsNotJoined) {
  auto bee = start(with(two_parts(), "within", option("10s")));
  const auto record = make_record("{}");
  auto header = record.header();
  header.deadline = Deadline(1h + 2s);
  const Record whole(header, Payload::json("{}"));
  bee.send(part(whole, R"({"a": 1})"));
  bee.advance(3s);
  bee.send(part(whole.with_id(whole.id().derived(1)), R"({"b": 1})"));
  EXPECT_THAT(bee.emitted(), IsEmpty());
  EXPECT_EQ(bee.held(), 0u);
}

TEST(ReadyMadeJoinTest, WithoutRoomToHoldAPartItsClientIsToldOnce) {
  auto bee = start();
  bee.limit_held({.records_max = 1});
  const auto whole = make_record("{}"), other = make_record("{}");
  bee.send(part(whole, R"({"a": 1})"));
  bee.send(part(whole, R"({"b": 1})"));
  bee.send(part(other, R"({"b": 1})"));
  bee.advance(1s);
  ASSERT_THAT(bee.failures(), SizeIs(2));
  for (const auto& failure : bee.failures()) EXPECT_EQ(failure.code, errc::overloaded);
  EXPECT_EQ(bee.rebuilds(), 0u);
  EXPECT_EQ(bee.held(), 0u);
}

TEST(ReadyMadeJoinTest, WaitsForSoManyRootsAtMost) {
  auto bee = start(with(two_parts(), "roots_max", option(1)));
  const auto whole = make_record("{}");
  bee.send(part(whole, R"({"a": 1})"));
  bee.send(R"({"a": 1})");
  ASSERT_THAT(bee.drops(), SizeIs(1));
  EXPECT_THAT(bee.drops().front().message, HasSubstr("1 records wait for parts already (roots_max)"));
  bee.send(part(whole, R"({"b": 1})"));
  bee.send(R"({"a": 1})");
  EXPECT_THAT(bee.emitted(), SizeIs(1));
  EXPECT_EQ(bee.held(), 1u);
}

TEST(ReadyMadeJoinTest, TellsThoseThatWaitWhenTheSwarmStops) {
  auto bee = start();
  bee.send(R"({"a": 1})");
  bee.stop();
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().message, "1 of 2 parts came before the swarm stopped");
}

TEST(ReadyMadeJoinTest, GivesUpMoreRootsThanOneCallMayTell) {
  const auto count = limits::outputs_per_call_max;
  auto bee = start(with(two_parts(), "roots_max", option(static_cast<int>(count))));
  bee.limit_held({.records_max = count, .bytes_max = 1u << 30});
  for (std::uint32_t i = 0; i < count; ++i) bee.send("{}");
  bee.advance(2s);
  EXPECT_THAT(bee.failures(), SizeIs(count));
  EXPECT_EQ(bee.emitted("unmatched").size(), count) << "nothing is lost to a throw";
  EXPECT_EQ(bee.held(), 0u);
}

TEST(ReadyMadeJoinTest, HasBoundsForItsOptions) {
  const auto bees = ready_made();
  const auto problems = [&](int parts) {
    return bees.find("skep.join")->configure(table({{"parts", option(parts)}}), {9, 1}).problems.size();
  };
  EXPECT_EQ(problems(1), 1u);
  EXPECT_EQ(problems(static_cast<int>(limits::join_parts_max)), 0u);
  EXPECT_EQ(problems(static_cast<int>(limits::join_parts_max) + 1), 1u);
}

/// What a root should come to: by its parts' times alone, for `within` = 1 s.
class Expected {
 public:
  explicit Expected(int parts) : parts_(parts) {}

  void part(std::chrono::milliseconds at) {
    pass(at);
    if (settled_until_) {
      ++unmatched;
      return;
    }
    if (waiting_++ == 0) due_ = at + 1s;
    if (waiting_ < parts_) return;
    ++joined;
    settle(at);
  }
  void pass(std::chrono::milliseconds now) {
    if (waiting_ > 0 && due_ <= now) {
      ++given_up;
      unmatched += waiting_;
      settle(due_);
    }
    if (settled_until_ && *settled_until_ <= now) settled_until_.reset();
  }

  int joined = 0, given_up = 0, unmatched = 0;

 private:
  void settle(std::chrono::milliseconds at) {
    waiting_ = 0;
    settled_until_ = at + 1s;
  }

  int parts_, waiting_ = 0;
  std::chrono::milliseconds due_{};
  std::optional<std::chrono::milliseconds> settled_until_;
};

/// However parts come, late, too many or never: each time a root opens it has one answer, and nothing stays held.
TEST(ReadyMadeJoinTest, EachRootHasOneAnswer) {
  EXPECT_TRUE(rc::check("any arrivals", [] {
    const auto parts = *rc::gen::inRange(2, 5);
    auto bee = start(with(two_parts(), "parts", option(parts)));
    std::vector<Record> wholes;
    for (int i = 0; i < 4; ++i) wholes.push_back(make_record("{}"));
    std::vector<Expected> expected(wholes.size(), Expected(parts));
    std::chrono::milliseconds now{0};
    const auto count = *rc::gen::inRange(0, 80);
    for (int i = 0; i < count; ++i) {
      const auto which = *rc::gen::inRange<std::size_t>(0, wholes.size());
      bee.send(part(wholes[which], "{\"f" + std::to_string(i) + "\": 1}"));
      expected[which].part(now);
      const std::chrono::milliseconds pause(*rc::gen::inRange(0, 120));
      bee.advance(pause);
      now += pause;
    }
    bee.advance(2s);
    Expected all(parts);
    for (auto& each : expected) {
      each.pass(now + 2s);
      all.joined += each.joined;
      all.given_up += each.given_up;
      all.unmatched += each.unmatched;
    }
    RC_ASSERT(bee.emitted().size() == static_cast<std::size_t>(all.joined));
    RC_ASSERT(bee.failures().size() == static_cast<std::size_t>(all.given_up));
    RC_ASSERT(bee.emitted("unmatched").size() == static_cast<std::size_t>(all.unmatched));
    RC_ASSERT(bee.held() == 0u);
  }));
}

TEST(JoinedObjectsTest, KeepFieldsInTheOrderInWhichTheyCome) {
  EXPECT_EQ(joined_objects(
                std::vector<std::string_view>{R"({"b": [1, {}], "a": 9007199254740993})", "{}", R"({"c": "\u00e4"})"}),
            R"({"b":[1,{}],"a":9007199254740993,"c":"ä"})");
  EXPECT_EQ(joined_objects(std::vector<std::string_view>{R"({"a": 1, "a": 2})", R"({"a": 1})"}), R"({"a":1})");
}

TEST(JoinedObjectsTest, RefuseWhatIsNoObject) {
  for (const auto* text : {"[]", "1", "{", ""}) {
    EXPECT_THROW(static_cast<void>(joined_objects(std::vector<std::string_view>{"{}", text})), BadRecord) << text;
  }
}

}  // namespace ready_made_join_test
}  // namespace skep::testing
