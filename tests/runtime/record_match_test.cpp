#include "testing/record_match.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace skep::testing {
namespace record_match_test {

using Form = TestRecord::Form;

Comparable text(std::string bytes) {
  return Comparable(TestRecord{Form::text, std::move(bytes), {}});
}
Comparable json(std::string bytes) {
  return Comparable(TestRecord{Form::json, std::move(bytes), {}});
}
Comparable binary(std::string bytes) {
  return Comparable(TestRecord{Form::binary, std::move(bytes), {}});
}
Comparable came(std::string bytes, bool is_json = true) {
  return Comparable(Came{std::move(bytes), is_json, {}});
}

TEST(RecordMatchTest, JsonIsComparedByValueAndAllElseByBytes) {
  EXPECT_TRUE(text(R"({"b": 1.0, "a": 2})").expects(came(R"({"a":2,"b":1})"), {}));
  EXPECT_FALSE(text(R"({"b": 1.0})").expects(came(R"({"b":1})", false), {}));
  EXPECT_TRUE(json(R"({"b":1.0})").expects(came(R"({"b": 1})", false), {})) << "it was meant as JSON";
  EXPECT_TRUE(text("plain").expects(came("plain", false), {}));
  EXPECT_FALSE(text("plain").expects(came("plain ", false), {}));
  EXPECT_FALSE(text("plain").expects(came("\"plain\""), {}));
  EXPECT_FALSE(json("1").expects(came("one", false), {}));
  EXPECT_TRUE(binary("1").expects(came("1"), {}));
  EXPECT_FALSE(binary("1").expects(came("1.0"), {}));
}

TEST(RecordMatchTest, ContainsMeansAPartOfATextToo) {
  EXPECT_TRUE(text("lai").expects(came("plain", false), {.contains = true}));
  EXPECT_FALSE(text("lain ").expects(came("plain", false), {.contains = true}));
}

TEST(RecordMatchTest, SaysWhyNot) {
  EXPECT_EQ(text("{\"a\":1}").why_not(came("{\"a\":2}"), {}), "$.a is 2, expected 1");
  EXPECT_EQ(text("x").why_not(came("1"), {}), "what came is JSON, and what was expected is not");
  EXPECT_EQ(json("1").why_not(came("x", false), {}), "what came is no JSON");
  EXPECT_EQ(text("x").why_not(came("y", false), {}), "");
}

TEST(RecordMatchTest, InOrderEachMeetsTheOneAtItsPlace) {
  const auto pairs = pair_up({text("1"), text("2"), text("3")}, {came("1"), came("3")}, {});
  EXPECT_EQ(pairs, (Pairs{0, std::nullopt, std::nullopt}));
  EXPECT_FALSE(complete(pairs));
}

TEST(RecordMatchTest, InAnyOrderEachMeetsOneOfItsOwn) {
  const auto pairs =
      pair_up({text("1"), text("2"), text("1")}, {came("1"), came("1.0"), came("2")}, {.any_order = true});
  EXPECT_TRUE(complete(pairs));
  EXPECT_FALSE(complete(pair_up({text("1"), text("1")}, {came("1"), came("2")}, {.any_order = true})));
}

TEST(RecordMatchTest, BytesAndTextsMayBeMixedInAnyOrder) {
  const TestMatch match{.any_order = true};
  EXPECT_TRUE(complete(pair_up({text("1"), binary("1")}, {came("1"), came("1", false)}, match)));
  EXPECT_TRUE(complete(pair_up({binary("1"), text("1.0")}, {came("1"), came("1", false)}, match)));
  EXPECT_TRUE(complete(pair_up({text("1"), binary("1")}, {came("1.0"), came("1", false)}, match)));
}

TEST(RecordMatchTest, OneThatFitsManyLeavesTheOthersTheirs) {
  // {} takes any; were it to take the first one, {"a":1} would find none.
  const TestMatch match{.any_order = true, .contains = true};
  const auto pairs = pair_up({json("{}"), json(R"({"a":1})")}, {came(R"({"a":1,"b":2})"), came(R"({"c":1})")}, match);
  EXPECT_EQ(pairs, (Pairs{1, 0}));
}

/// As many pairs as any order of those that came gives.
std::size_t most_pairs(const std::vector<Comparable>& expected, const std::vector<Comparable>& all,
                       const TestMatch& match) {
  std::vector<std::size_t> order(std::max(expected.size(), all.size()));
  std::iota(order.begin(), order.end(), 0);
  std::size_t most = 0;
  do {
    std::size_t count = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (order[i] < all.size() && expected[i].expects(all[order[i]], match)) ++count;
    }
    most = std::max(most, count);
  } while (std::next_permutation(order.begin(), order.end()));
  return most;
}

void check_against_all_orders(const TestMatch& match) {
  const auto holds = [match] {
    const auto values = rc::gen::element<std::string>("0", "0.0", "1", "1.0", "1.4", "{}", R"({"a":1})", R"({"a":1.0})",
                                                      R"({"a":1,"b":2})", R"({"b":2})", "x", "1x");
    const auto count = *rc::gen::inRange<std::size_t>(0, 7), other = *rc::gen::inRange<std::size_t>(0, 7);
    std::vector<Comparable> expected, all;
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = *values;
      const bool may_be_json = value.find('x') == std::string::npos;
      const auto form = *rc::gen::element(Form::text, Form::binary, may_be_json ? Form::json : Form::text);
      expected.push_back(Comparable(TestRecord{form, value, {}}));
    }
    for (std::size_t i = 0; i < other; ++i) {
      const auto value = *values;
      all.push_back(came(value, value.find('x') == std::string::npos && *rc::gen::arbitrary<bool>()));
    }
    const auto pairs = pair_up(expected, all, match);
    std::vector<bool> taken(all.size());
    std::size_t made = 0;
    RC_ASSERT(pairs.size() == expected.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (!pairs[i]) continue;
      RC_ASSERT(!taken.at(*pairs[i]));
      taken[*pairs[i]] = true;
      RC_ASSERT(expected[i].expects(all[*pairs[i]], match));
      ++made;
    }
    RC_ASSERT(made == most_pairs(expected, all, match));
  };
  EXPECT_TRUE(rc::check("as many pairs as there can be", holds));
}

TEST(RecordMatchTest, MakesAsManyExactPairsAsThereCanBe) {
  check_against_all_orders({.any_order = true});
}

TEST(RecordMatchTest, MakesAsManyPairsThatContainAsThereCanBe) {
  check_against_all_orders({.any_order = true, .contains = true});
}

TEST(RecordMatchTest, MakesAsManyPairsWithToleranceAsThereCanBe) {
  check_against_all_orders({.any_order = true, .tolerance = 0.5});
}

TEST(RecordMatchTest, TenThousandInAnyOrderTakeNoSquareOfThem) {
  std::vector<Comparable> expected, all;
  for (std::size_t i = 0; i < limits::test_records_max; ++i) {
    expected.push_back(json("{\"n\":" + std::to_string(i) + ",\"same\":1}"));
    all.push_back(came("{\"same\": 1.0, \"n\": " + std::to_string(limits::test_records_max - 1 - i) + "}"));
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(complete(pair_up(expected, all, {.any_order = true})));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << "minutes, if it were quadratic";
}

TEST(RecordMatchTest, AsManyLooseOnesAsThereMayBeComeToAnEnd) {
  std::vector<Comparable> expected, all;
  for (std::size_t i = 0; i < limits::test_loose_records_max; ++i) {
    expected.push_back(json("{}"));
    all.push_back(came("{\"n\":" + std::to_string(i) + "}"));
  }
  EXPECT_TRUE(complete(pair_up(expected, all, {.any_order = true, .contains = true})));
  all.pop_back();
  EXPECT_FALSE(complete(pair_up(expected, all, {.any_order = true, .contains = true})));
}

}  // namespace record_match_test
}  // namespace skep::testing
