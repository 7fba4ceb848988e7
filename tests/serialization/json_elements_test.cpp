#include "json_elements.hpp"

#include <gtest/gtest.h>

#include <string>

namespace skep {
namespace json_elements_test {

namespace dom = simdjson::dom;

/// "[0,1,2]"
std::string numbers(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "[" : ",") + std::to_string(i);
  return count == 0 ? "[]" : text + "]";
}

/// What it costs to read each of so many elements by its index, and to look for one more.
std::uint64_t cost_of(std::size_t count) {
  dom::parser parser;
  const auto text = numbers(count);
  const dom::array array = parser.parse(text).get_array();
  JsonElements elements;
  for (std::size_t i = 0; i < count; ++i) {
    const auto element = elements.at("$", array, i);
    EXPECT_TRUE(element && element->get_uint64().value() == i) << i << " of " << count;
  }
  EXPECT_FALSE(elements.at("$", array, count)) << count;
  return elements.walked();
}

TEST(JsonElementsTest, FindsEachInArraysOfEveryLength) {
  for (std::size_t count = 0; count < 40; ++count) cost_of(count);
}

TEST(JsonElementsTest, TwiceAsManyCostTwiceAsMuch) {
  const auto cost = cost_of(10'000);
  EXPECT_LE(cost_of(20'000), cost * 2);
  EXPECT_LE(cost, 3 * 10'000u);
}

TEST(JsonElementsTest, WalksNoFurtherThanAsked) {
  dom::parser parser;
  const auto text = numbers(100'000);
  const dom::array array = parser.parse(text).get_array();
  JsonElements elements;
  EXPECT_TRUE(elements.at("$", array, 20));
  EXPECT_TRUE(elements.at("$", array, 18));
  EXPECT_LE(elements.walked(), 25u);
}

TEST(JsonElementsTest, ArraysAreKeptApart) {
  dom::parser parser;
  const auto text = R"({"a":)" + numbers(30) + R"(,"b":)" + numbers(20) + "}";
  const dom::object both = parser.parse(text).get_object();
  JsonElements elements;
  EXPECT_TRUE(elements.at("$.a", both["a"].get_array(), 25));
  EXPECT_FALSE(elements.at("$.b", both["b"].get_array(), 25));
}

}  // namespace json_elements_test
}  // namespace skep
