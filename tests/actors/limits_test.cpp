// Limits of the actors layer that a swarm file meets as the default or the bound of an option.
#include "skep/actors/limits.hpp"

#include <gmock/gmock.h>

#include "actors/model_fixture.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/ready_made.hpp"

namespace skep::testing {
namespace limits_test {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LimitsTest : public ::testing::Test, public ModelFixture {};

const OptionDescription* described(const BeeDescription& bee, std::string_view name) {
  for (const auto& option : bee.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

BeeRegistry ready_made() {
  BeeRegistry registry;
  add_ready_made_bees(registry);
  return registry;
}

TEST_F(LimitsTest, AModelsThreadsEndAtModelThreadsMax) {
  const auto most = static_cast<int>(limits::model_threads_max);
  EXPECT_THAT(problems(with(options, "threads", option(most))), IsEmpty());
  const auto found = problems(with(options, "threads", option(most + 1)));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found.front().message, HasSubstr("257"));
}

TEST_F(LimitsTest, AModelsOutputsEndAtModelTensorsMax) {
  OptionValue::Array names;
  for (std::size_t i = 0; i < limits::model_tensors_max; ++i) names.push_back(option("y" + std::to_string(i)));
  EXPECT_THAT(problems(with(options, "outputs", {names, {1, 1}})), IsEmpty());
  names.push_back(option("one_more"));
  const auto found = problems(with(options, "outputs", {names, {1, 1}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found.front().message, HasSubstr("at most 64 outputs"));
}

TEST_F(LimitsTest, AModelsDefaultsAreTheNamedOnes) {
  const auto bees = registry();
  const auto& model = bees.find("skep.model")->description;
  EXPECT_EQ(described(model, "model_bytes_max")->default_value,
            '"' + to_string(ByteSize{limits::model_bytes_max}) + '"');
  EXPECT_EQ(described(model, "batch_bytes_max")->default_value,
            '"' + to_string(ByteSize{limits::model_batch_bytes_max}) + '"');
}

TEST_F(LimitsTest, ALogsDefaultsAreTheNamedOnes) {
  const auto registry = ready_made();
  const auto& log = registry.find("skep.log")->description;
  EXPECT_EQ(described(log, "lines_per_second_max")->default_value, std::to_string(limits::log_lines_per_second_max));
  EXPECT_EQ(described(log, "text_bytes_max")->default_value, std::to_string(limits::log_text_bytes_max));
}

TEST_F(LimitsTest, TheBoundsOfWindowsAreTheNamedOnes) {
  const auto registry = ready_made();
  const auto day = std::chrono::duration<double>(limits::window_time_max).count();
  for (const auto* name : {"skep.aggregate", "skep.window"}) {
    const auto& bee = registry.find(name)->description;
    for (const auto* time : {"window", "slide", "out_of_order", "lateness", "idle"}) {
      EXPECT_EQ(described(bee, time)->rules.max, day) << time;
    }
    EXPECT_EQ(described(bee, "ahead_max")->rules.max, std::chrono::duration<double>(limits::window_ahead_most).count());
    EXPECT_EQ(described(bee, "keys_max")->default_value, std::to_string(limits::window_keys_max));
    EXPECT_EQ(described(bee, "windows_max")->default_value, std::to_string(limits::windows_max));
    EXPECT_EQ(described(bee, "keys_max")->rules.max, limits::windows_most);
    EXPECT_EQ(described(bee, "windows_max")->rules.max, limits::windows_most);
  }
  const auto problems = [&](const char* slide) {
    const auto sliding = table({{"window", option("10s")}, {"slide", option(slide)}});
    return registry.find("skep.aggregate")->configure(sliding, {9, 1}).problems;
  };
  static_assert(limits::windows_of_one_record_max == 100);
  EXPECT_THAT(problems("100ms"), IsEmpty());
  EXPECT_THAT(problems("99ms"), SizeIs(1));
}

TEST_F(LimitsTest, TheBoundsOfAWindowsRecordsAreTheNamedOnes) {
  const auto registry = ready_made();
  const auto& window = registry.find("skep.window")->description;
  const auto shown = [](std::uint64_t bytes) { return '"' + to_string(ByteSize{bytes}) + '"'; };
  EXPECT_EQ(described(window, "records_max")->default_value, std::to_string(limits::window_records_max));
  EXPECT_EQ(described(window, "records_max")->rules.max, limits::window_records_most);
  EXPECT_EQ(described(window, "bytes_max")->default_value, shown(limits::window_bytes_max));
  EXPECT_EQ(described(window, "bytes_max")->rules.max, limits::window_bytes_most);
  EXPECT_EQ(described(window, "all_bytes_max")->default_value, shown(limits::window_all_bytes_max));
  EXPECT_EQ(described(window, "all_bytes_max")->rules.max, limits::window_all_bytes_most);
}

TEST_F(LimitsTest, TheBoundsOfADedupAreTheNamedOnes) {
  const auto registry = ready_made();
  const auto& dedup = registry.find("skep.dedup")->description;
  EXPECT_EQ(described(dedup, "entries_max")->default_value, std::to_string(limits::dedup_entries_max));
  EXPECT_EQ(described(dedup, "entries_max")->rules.max, limits::dedup_entries_most);
  EXPECT_EQ(described(dedup, "within")->rules.max, std::chrono::duration<double>(limits::dedup_within_max).count());
}

TEST_F(LimitsTest, TheBoundsOfAThrottleAreTheNamedOnes) {
  const auto registry = ready_made();
  const auto& throttle = registry.find("skep.throttle")->description;
  EXPECT_EQ(described(throttle, "rate")->rules.max, limits::throttle_rate_max);
  EXPECT_EQ(described(throttle, "burst")->rules.max, limits::throttle_burst_max);
  EXPECT_EQ(described(throttle, "keys_max")->default_value, std::to_string(limits::throttle_keys_max));
  EXPECT_EQ(described(throttle, "keys_max")->rules.max, limits::throttle_keys_most);
}

TEST_F(LimitsTest, TheBoundsOfAJoinAreTheNamedOnes) {
  const auto registry = ready_made();
  const auto& join = registry.find("skep.join")->description;
  EXPECT_EQ(described(join, "parts")->rules.max, limits::join_parts_max);
  EXPECT_EQ(described(join, "within")->rules.max, std::chrono::duration<double>(limits::join_within_max).count());
  EXPECT_EQ(described(join, "roots_max")->default_value, std::to_string(limits::join_roots_max));
  EXPECT_EQ(described(join, "roots_max")->rules.max, limits::join_roots_most);
}

}  // namespace limits_test
}  // namespace skep::testing
