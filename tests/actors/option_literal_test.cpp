#include "skep/actors/option_literal.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "skep/actors/bee_registry.hpp"

namespace skep {
namespace option_literal_test {

using namespace std::chrono_literals;

template <class T>
T as(const OptionLiteral& literal) {
  return std::get<T>(literal.value().value);
}

TEST(OptionLiteralTest, IsWhatAFileWouldGive) {
  EXPECT_EQ(as<bool>(true), true);
  EXPECT_EQ(as<std::int64_t>(7), 7);
  EXPECT_EQ(as<std::int64_t>(std::uint32_t{4'000'000'000}), 4'000'000'000);
  EXPECT_EQ(as<double>(0.5f), 0.5);
  EXPECT_EQ(as<std::string>("text"), "text");
  EXPECT_EQ(as<std::string>(std::string_view("text")), "text");
  EXPECT_EQ(as<std::string>(2ms), "2ms");
  EXPECT_EQ(as<std::string>(1500ms), "1.5s");
  EXPECT_EQ(as<std::string>(ByteSize{4 << 20}), "4MiB");
  EXPECT_EQ(as<std::string>(FilePath{"a/b"}), "a/b");
}

TEST(OptionLiteralTest, ListsAndTablesNest) {
  const auto table = option_table({{"name", "pixels"}, {"shape", {28, 28}}, {"of", std::vector<double>{0.5}}});
  ASSERT_NE(table.find("shape"), nullptr);
  const auto& shape = std::get<OptionValue::Array>(table.find("shape")->value);
  ASSERT_EQ(shape.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(shape[1].value), 28);
  EXPECT_EQ(std::get<OptionValue::Array>(table.find("of")->value).size(), 1u);
  const OptionLiteral tables{table, table};
  EXPECT_TRUE(same_value(std::get<OptionValue::Array>(tables.value().value)[1], table));
}

TEST(OptionLiteralTest, DurationsBeyondNanosecondsAreCutToThem) {
  EXPECT_EQ(as<std::string>(std::chrono::hours::max()), to_string(std::chrono::nanoseconds::max()));
  EXPECT_EQ(as<std::string>(std::chrono::hours::min()), to_string(-std::chrono::nanoseconds::max()));
  EXPECT_EQ(parse_duration(as<std::string>(std::chrono::hours::max())), std::chrono::nanoseconds::max());
}

TEST(OptionLiteralTest, AnythingThatOnlyConvertsToBoolIsNone) {
  static_assert(!std::is_convertible_v<void*, OptionLiteral>);
  static_assert(!std::is_convertible_v<std::uint64_t, OptionLiteral>);
}

TEST(SameValueTest, LooksAtTypesAndNotAtPlacesOrTheOrderOfKeys) {
  const auto one = option_table({{"a", 1}, {"b", {1, "x"}}});
  auto other = option_table({{"b", {1, "x"}}, {"a", 1}});
  other.position = {3, 4};
  EXPECT_TRUE(same_value(one, other));
  EXPECT_FALSE(same_value(one, option_table({{"a", 1.0}, {"b", {1, "x"}}})));
  EXPECT_FALSE(same_value(one, option_table({{"a", 1}})));
  EXPECT_FALSE(same_value(one, option_table({{"a", 1}, {"b", {1, "y"}}})));
  EXPECT_FALSE(same_value(option_table({{"a", 1}}), option_table({{"b", 1}})));
  constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(same_value(OptionLiteral(nan).value(), OptionLiteral(nan).value()));
  EXPECT_FALSE(same_value(OptionLiteral(0.0).value(), OptionLiteral(-0.0).value()));
}

class Mixed final : public Bee {
 public:
  struct Options {
    std::string field;
    double weight = 0.5;
    std::vector<std::int64_t> sizes{1, 2};
    std::chrono::nanoseconds within = 2s;
    ByteSize most{1 << 20};
    FilePath file{"a"};
    OptionValue any{};
  };
  static void describe(BeeClass<Mixed>& c) {
    c.option("field", &Options::field, {.required = true})
        .option("weight", &Options::weight, {.min = 0, .max = 1})
        .option("sizes", &Options::sizes)
        .option("within", &Options::within)
        .option("most", &Options::most)
        .option("file", &Options::file)
        .option("any", &Options::any);
  }
  explicit Mixed(Options) {}
};

TEST(OptionTableTest, HasWhatIsNotAsByDefaultAndWhatIsRequired) {
  const BeeClass<Mixed> mixed("test.mixed");
  EXPECT_TRUE(same_value(mixed.table({}), option_table({{"field", ""}})));
  const Mixed::Options options{.field = "$.a", .weight = 1, .sizes = {}, .within = 5ms, .most = {7}, .file = {"b"}};
  EXPECT_TRUE(same_value(mixed.table(options), option_table({{"field", "$.a"},
                                                             {"weight", 1.0},
                                                             {"sizes", std::vector<int>{}},
                                                             {"within", "5ms"},
                                                             {"most", "7B"},
                                                             {"file", "b"}})));
}

TEST(OptionTableTest, ReadsBackToTheSameOptions) {
  const BeeClass<Mixed> mixed("test.mixed");
  const Mixed::Options options{.field = "$.a",
                               .weight = 0.1,
                               .sizes = {3},
                               .within = 1us,
                               .most = {1 << 30},
                               .file = {"/b"},
                               .any = OptionLiteral(7).value()};
  Mixed::Options read{};
  EXPECT_TRUE(mixed.read(mixed.table(options), {}, read).empty());
  EXPECT_TRUE(same_value(mixed.table(read), mixed.table(options)));
  EXPECT_EQ(read.most, options.most);
}

TEST(BeeRegistryTest, KnowsTheNameOfAClassByItsType) {
  BeeRegistry bees;
  EXPECT_EQ(bees.name_of(typeid(Mixed)), "");
  bees.add<Mixed>("test.mixed");
  EXPECT_EQ(bees.name_of(typeid(Mixed)), "test.mixed");
  EXPECT_EQ(bees.name_of(typeid(Bee)), "");
}

}  // namespace option_literal_test
}  // namespace skep
