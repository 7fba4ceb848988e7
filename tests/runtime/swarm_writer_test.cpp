#include "skep/runtime/swarm_writer.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>

#include "every_key.hpp"
#include "same_swarm.hpp"
#include "skep/actors/limits.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace swarm_writer_test {

using ::testing::HasSubstr;

SwarmSpec read(const std::string& text) {
  const auto file = parse_swarm(text, "s.toml", {});
  for (const auto& problem : file.problems) ADD_FAILURE() << problem.to_string() << "\n" << text;
  return file.spec;
}

SwarmSpec with_option(const std::string& key, OptionLiteral value) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back({.name = "in", .type = "tcp", .options = option_table({{key, std::move(value)}})});
  return spec;
}

TEST(SwarmWriterTest, WritesOneTextForOneSpec) {
  const std::string written = R"(name = "orders"
plugins = ["digits"]

[gateways.shop]
type = "tcp"
answers = "large"
listen = "127.0.0.1:9000"

[bees.large]
class = "skep.filter"
from = "shop"

[bees.large.options]
field = "$.amount"
at_least = 100.0

[bees.small]
class = "skep.log"
from = ["shop", { bee = "large.rejected", route = "key" }]
batch = { size_max = 32 }

[supervision]
intensity = 10
)";
  EXPECT_EQ(to_toml(read(written)), written);
}

TEST(SwarmWriterTest, LosesNoneOfTheKeysOfAFile) {
  const auto spec = read(std::string(every_key));
  EXPECT_TRUE(same_swarm(read(to_toml(spec)), spec)) << to_toml(spec);
  EXPECT_TRUE(same_swarm(read(to_toml(spec, Defaults::write)), spec)) << to_toml(spec, Defaults::write);
}

TEST(SwarmWriterTest, WritesDefaultsWhereAskedTo) {
  SwarmSpec spec;
  spec.name = "s";
  spec.gateways.push_back({.name = "in", .type = "tcp"});
  spec.bees.push_back({.name = "a", .bee_class = "x.a", .from = {{.from = "in"}}});
  EXPECT_THAT(to_toml(spec), ::testing::Not(HasSubstr("replicas")));
  const auto text = to_toml(spec, Defaults::write);
  for (const auto* key : {"delivery = \"at_most_once\"", "replicas = 1", "window_bytes = \"64MiB\"", "[supervision]",
                          "execution = \"shared\"", "restart = \"permanent\"", "delay_max = \"0s\"", "bytes_max"}) {
    EXPECT_THAT(text, HasSubstr(key));
  }
  EXPECT_TRUE(same_swarm(read(text), spec));
}

TEST(SwarmWriterTest, StringsComeBackWhateverIsInThem) {
  for (const std::string text :
       {"", "\"", "\\", "a\nb\r\n\tc", "\x01\x1f\x7f", "\xc2\x80\xc2\x9f", "é ü 漢 \xf0\x9f\x98\x80", "${HOME}", "$${",
        "$$${x}${", "'''", "\"\"\"", "# no comment", "\xe2\x80\xa8", "C:\\new"}) {
    const auto spec = with_option("text", text);
    EXPECT_TRUE(same_swarm(read(to_toml(spec)), spec)) << to_toml(spec);
  }
}

TEST(SwarmWriterTest, NumbersKeepTheirTypeAndEveryDigit) {
  using Double = std::numeric_limits<double>;
  using Integer = std::numeric_limits<std::int64_t>;
  for (const double number : {0.0, -0.0, 1.0, -1.0, 0.1, 1e300, 1e-300, Double::denorm_min(), Double::min(),
                              Double::max(), Double::infinity(), -Double::infinity(), Double::quiet_NaN(), 1e22}) {
    const auto spec = with_option("number", number);
    EXPECT_TRUE(same_swarm(read(to_toml(spec)), spec)) << to_toml(spec);
  }
  for (const std::int64_t number : {Integer::min(), Integer::max(), std::int64_t{0}}) {
    const auto spec = with_option("number", number);
    EXPECT_TRUE(same_swarm(read(to_toml(spec)), spec)) << to_toml(spec);
  }
}

TEST(SwarmWriterTest, KeysAreQuotedWhereTheyNeedIt) {
  for (const std::string key : {"a.b", "a b", "\"", "é", "1", "a-b", "", "a\nb", "${X}", "options"}) {
    for (const auto& value : {OptionLiteral(1), OptionLiteral(option_table({{key, 1}}))}) {
      const auto spec = with_option(key, value);
      EXPECT_TRUE(same_swarm(read(to_toml(spec)), spec)) << to_toml(spec);
    }
  }
}

TEST(SwarmWriterTest, JsonHasTheSameTables) {
  auto spec = read(std::string(every_key));
  const auto text = to_json(spec);
  const auto json = JsonDocument::parse(text);
  ASSERT_TRUE(json) << text;
  EXPECT_EQ(json->string("$.gateways.door.answers"), "second.kept");
  EXPECT_EQ(json->string("$.bees.second.options.text"), "a \"b\" ${x}");
  EXPECT_EQ(json->string("$.bees.second.options.most"), "inf");
  EXPECT_EQ(json->integer("$.bees.second.from[1].window"), 3);
}

TEST(SwarmWriterTest, OptionsByDefaultAreWhatClassesAndGatewaysHave) {
  Catalog catalog({});
  const auto environment = [](const std::string&) { return std::optional<std::string>(); };
  const auto file = parse_swarm(R"(name = "s"
[gateways.in]
type = "tcp"
listen = "127.0.0.1:0"
answers = "b"
[gateways.web]
type = "websocket"
listen = "127.0.0.1:0"
[gateways.out]
type = "file"
path = "-"
from = "b"
[bees.b]
class = "skep.filter"
from = ["in", "web"]
options = { field = "$.a", equals = 1 }
)",
                                "", environment);
  const auto before = catalog.check(file);
  ASSERT_TRUE(before.ok());
  const auto spec = with_option_defaults(before.spec, catalog.bees(), catalog.gateways());
  ASSERT_NE(spec.bees[0].options.find("exists"), nullptr);
  EXPECT_EQ(spec.bees[0].options.find("at_least"), nullptr) << "no file can say an infinite number";
  ASSERT_NE(spec.gateways[0].options.find("deadline"), nullptr);
  EXPECT_EQ(std::get<std::string>(spec.gateways[0].options.find("deadline")->value), "30s");
  EXPECT_EQ(std::get<std::string>(spec.gateways[0].options.find("overflow")->value), "auto");
  EXPECT_EQ(std::get<std::string>(spec.gateways[0].options.find("listen")->value), "127.0.0.1:0") << "it was said";
  EXPECT_TRUE(same_swarm(without_option_defaults(spec, catalog.bees(), catalog.gateways()), before.spec));
  for (const auto& problem : catalog.check(parse_swarm(to_toml(spec), "s.toml", environment)).problems) {
    ADD_FAILURE() << problem.to_string() << "\n" << to_toml(spec);
  }
}

// Any swarm.

template <class T>
T one_of(std::initializer_list<T> all) {
  return *rc::gen::elementOf(std::vector<T>(all));
}

std::size_t up_to(std::size_t most) {
  return *rc::gen::inRange<std::size_t>(0, most + 1);
}

std::string any_text() {
  std::string text;
  for (auto left = up_to(8); left > 0; --left) {
    text += one_of<std::string>({"a",
                                 "\"",
                                 "\\",
                                 "\n",
                                 "\r",
                                 "\t",
                                 "\x01",
                                 "\x1f",
                                 "\x7f",
                                 "\xc2\x85",
                                 "é",
                                 "漢",
                                 "\xf0\x9f\x98\x80",
                                 "\xe2\x80\xae",
                                 "$",
                                 "{",
                                 "}",
                                 "${",
                                 "$$",
                                 "#",
                                 "=",
                                 " ",
                                 ".",
                                 "'"});
  }
  return text;
}

double any_number() {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  const auto number = std::bit_cast<double>(bits);
  return std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number;
}

OptionValue any_value(std::size_t depth);

OptionValue any_table(std::size_t depth) {
  OptionValue::Table table;
  for (auto left = up_to(3); left > 0; --left) {
    auto key = any_text();
    if (OptionValue{table, {}}.find(key) == nullptr) table.push_back({std::move(key), {}, any_value(depth)});
  }
  return {std::move(table), {}};
}

OptionValue any_value(std::size_t depth) {
  OptionValue::Array list;
  switch (up_to(depth == 0 ? 4 : 6)) {
    case 0:
      return OptionLiteral(*rc::gen::arbitrary<bool>()).value();
    case 1:
      return OptionLiteral(*rc::gen::arbitrary<std::int64_t>()).value();
    case 2:
      return OptionLiteral(any_number()).value();
    case 3:
    case 4:
      return OptionLiteral(any_text()).value();
    case 5:
      for (auto left = up_to(3); left > 0; --left) list.push_back(any_value(depth - 1));
      return {std::move(list), {}};
    default:
      return any_table(depth - 1);
  }
}

template <class T>
T between(T least, T most) {
  return *rc::gen::oneOf(rc::gen::just(least), rc::gen::just(most), rc::gen::inRange<T>(least, most));
}

std::chrono::nanoseconds any_time(std::chrono::nanoseconds least, std::chrono::nanoseconds most) {
  return std::chrono::nanoseconds(between<std::int64_t>(least.count(), most.count()));
}

std::vector<EdgeSpec> any_edges(std::size_t least) {
  std::vector<EdgeSpec> edges;
  for (auto left = std::max(least, up_to(3)); left > 0; --left) {
    EdgeSpec edge{.from = one_of<std::string>({"g0", "b0", "b1"}),
                  .port = one_of<std::string>({"default", "p", "a.b"})};
    edge.settings.route = one_of({Route::any, Route::key, Route::all});
    edge.settings.overflow = one_of({Overflow::block, Overflow::drop_oldest, Overflow::drop_newest});
    edge.settings.window = one_of({OutEdgeSettings{}.window, 1u, limits::edge_window_max});
    edge.settings.window_bytes =
        one_of<std::uint64_t>({OutEdgeSettings{}.window_bytes, 1, 1ull << 40, (1ull << 63) - 1});
    edges.push_back(std::move(edge));
  }
  return edges;
}

BeeSpec any_bee(std::size_t number) {
  BeeSpec bee{.name = "b" + std::to_string(number), .bee_class = any_text(), .from = any_edges(1)};
  bee.replicas = between<std::uint32_t>(1, limits::replicas_max);
  bee.batch = {.size_max = between<std::uint32_t>(0, limits::batch_size_max),
               .delay_max = any_time({}, limits::batch_delay_max)};
  bee.held = {.records_max = between<std::size_t>(1, limits::held_records_most),
              .bytes_max = between<std::size_t>(0, std::size_t{1} << 62)};
  bee.execution = one_of({Execution::shared, Execution::dedicated});
  bee.restart = one_of({Restart::permanent, Restart::transient, Restart::temporary});
  if (up_to(1) == 0) bee.callback_time_max = any_time({}, limits::node_callback_time_max);
  bee.nodes = one_of<std::vector<std::string>>({{}, {"gpu"}, {"gpu", "A-1.b_c"}});
  bee.options = any_table(3);
  return bee;
}

GatewaySpec any_gateway(std::size_t number) {
  GatewaySpec gateway{.name = "g" + std::to_string(number), .type = any_text(), .from = any_edges(0)};
  gateway.answers = one_of<std::string>({"", "b0", "b1.p"});
  gateway.nodes = one_of<std::vector<std::string>>({{}, {"edge"}});
  gateway.options = any_table(3);
  return gateway;
}

SwarmSpec any_swarm() {
  SwarmSpec spec;
  spec.name = one_of<std::string>({"s", "a_long_name_0"});
  for (auto left = up_to(2); left > 0; --left) {
    spec.plugins.push_back({"p" + std::to_string(left), {}, one_of<std::string>({"", std::string(64, 'a')})});
  }
  for (std::size_t i = 0, count = 1 + up_to(2); i < count; ++i) spec.gateways.push_back(any_gateway(i));
  for (std::size_t i = 0, count = up_to(3); i < count; ++i) spec.bees.push_back(any_bee(i));
  spec.supervision.strategy = one_of({Strategy::one_for_one, Strategy::one_for_all, Strategy::rest_for_one});
  spec.supervision.intensity = between<std::uint32_t>(0, limits::restart_intensity_max);
  spec.supervision.period = any_time(std::chrono::nanoseconds(1), limits::restart_period_max);
  spec.dead_letters = {.records_max = between<std::size_t>(0, limits::dead_letter_records_max),
                       .bytes_max = between<std::size_t>(0, std::size_t{1} << 62)};
  spec.delivery = one_of({Delivery::at_most_once, Delivery::at_least_once});
  return spec;
}

TEST(SwarmWriterTest, WhatIsWrittenReadsBackToTheSameSwarm) {
  EXPECT_TRUE(rc::check("any swarm, with and without its defaults", [] {
    const auto spec = any_swarm();
    for (const auto defaults : {Defaults::leave_out, Defaults::write}) {
      const auto text = to_toml(spec, defaults);
      const auto file = parse_swarm(text, "s.toml", {});
      if (!file.problems.empty()) RC_FAIL(file.problems.front().to_string() + "\n" + text);
      const auto same = same_swarm(file.spec, spec);
      if (!same) RC_FAIL(same.message() + ("\n" + text));
      RC_ASSERT(to_toml(file.spec, defaults) == text);
    }
  }));
}

TEST(SwarmWriterTest, JsonOfAnySwarmIsJson) {
  EXPECT_TRUE(rc::check("any swarm", [] {
    const auto text = to_json(any_swarm());
    if (!JsonDocument::parse(text)) RC_FAIL(text);
  }));
}

}  // namespace swarm_writer_test
}  // namespace skep
