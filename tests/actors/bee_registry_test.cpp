#include "skep/actors/bee_registry.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "skep/actors/limits.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/schema/tensor.capnp.h"

namespace skep {
namespace bee_registry_test {

class Plain final : public Bee {};

class Batch final : public Bee {
 private:
  void on_batch(std::span<Record>, Outbox&) override {}
};

class Full final : public Bee {
 public:
  struct Options {
    std::int64_t ways = 1;
  };
  static void describe(BeeClass<Full>& c) {
    c.summary("Does much.")
        .input<wire::Tensor>()
        .input(ContentKind::json)
        .output("rejected", &Full::rejected_, "what it cannot read")
        .option("ways", &Options::ways, {.min = 0})
        .outputs_from([](const Options& options) {
          std::vector<PortDescription> ports;
          for (std::int64_t way = 0; way < options.ways; ++way) ports.push_back({"way" + std::to_string(way), ""});
          return ports;
        });
  }
  explicit Full(Options options) : ways(options.ways) {}
  Port rejected() const { return rejected_; }
  std::int64_t ways;

 private:
  Port rejected_;
};

OptionValue ways(std::int64_t count) {
  return {OptionValue::Table{{"ways", {2, 1}, {count, {2, 8}}}}, {1, 1}};
}

TEST(BeeRegistryTest, AClassDescribesItself) {
  BeeRegistry registry;
  registry.add<Full>("test.full");
  const auto* entry = registry.find("test.full");
  ASSERT_NE(entry, nullptr);
  const auto& description = entry->description;
  EXPECT_EQ(description.name, "test.full");
  EXPECT_EQ(description.summary, "Does much.");
  EXPECT_EQ(description.inputs, (std::vector<ContentKind>{ContentKind::capnp, ContentKind::json}));
  EXPECT_EQ(description.input_type, PayloadType::of<wire::Tensor>());
  EXPECT_EQ(description.input_type.name, "Tensor");
  EXPECT_TRUE(registry.schemas().is_struct(description.input_type.id));
  ASSERT_EQ(description.outputs.size(), 2u);
  EXPECT_EQ(description.outputs[0].name, "default");
  EXPECT_EQ(description.outputs[1].name, "rejected");
  ASSERT_EQ(description.options.size(), 1u);
  EXPECT_EQ(description.options[0].name, "ways");
  EXPECT_FALSE(description.takes_batches);
}

TEST(BeeRegistryTest, SeesWhetherAClassTakesBatches) {
  EXPECT_FALSE(BeeClass<Plain>("test.plain").description().takes_batches);
  EXPECT_TRUE(BeeClass<Batch>("test.batch").description().takes_batches);
}

class Holding final : public Bee {
 public:
  static void describe(BeeClass<Holding>& c) { c.holds_records(); }
};

TEST(BeeRegistryTest, SeesWhetherAClassHoldsRecords) {
  EXPECT_FALSE(BeeClass<Plain>("test.plain").description().holds_records);
  EXPECT_TRUE(BeeClass<Holding>("test.holding").description().holds_records);
}

TEST(BeeRegistryTest, ConfiguresABeeWithItsOptionsAndPorts) {
  BeeRegistry registry;
  registry.add<Full>("test.full");
  const auto bee = registry.find("test.full")->configure(ways(3), {1, 1});
  ASSERT_TRUE(bee.problems.empty());
  EXPECT_EQ(bee.outputs.size(), 5u);
  EXPECT_EQ(bee.outputs[4].name, "way2");
  const auto object = bee.factory();
  const auto& full = dynamic_cast<Full&>(*object);
  EXPECT_EQ(full.ways, 3);
  EXPECT_EQ(full.rejected(), Port(1));
  EXPECT_NE(bee.factory(), nullptr) << "a factory builds as often as it is asked";
}

TEST(BeeRegistryTest, WrongOptionsGiveProblemsAndNoFactory) {
  BeeRegistry registry;
  registry.add<Full>("test.full");
  const auto bee = registry.find("test.full")->configure(ways(-1), {1, 1});
  EXPECT_EQ(bee.problems.size(), 1u);
  EXPECT_FALSE(bee.factory);
}

TEST(BeeRegistryTest, PortsFromOptionsAreLimited) {
  BeeRegistry registry;
  registry.add<Full>("test.full");
  const auto& entry = *registry.find("test.full");
  EXPECT_TRUE(entry.configure(ways(limits::ports_max - 2), {1, 1}).problems.empty());
  const auto bee = entry.configure(ways(limits::ports_max - 1), {1, 1});
  ASSERT_EQ(bee.problems.size(), 1u);
  EXPECT_NE(bee.problems[0].message.find("ports_max"), std::string::npos);
  EXPECT_FALSE(bee.factory);
}

TEST(BeeRegistryTest, AClassMayBeBuiltFromMoreThanItsOptions) {
  BeeRegistry registry;
  int made = 0;
  registry.add<Full>("test.full", [&made](const Full::Options& options) {
    ++made;
    return std::make_unique<Full>(options);
  });
  static_cast<void>(registry.find("test.full")->configure({}, {}).factory());
  EXPECT_EQ(made, 1);
}

TEST(BeeRegistryTest, RefusesNamesThatAreTakenOrMalformed) {
  BeeRegistry registry;
  registry.add<Plain>("test.plain");
  EXPECT_THROW(registry.add<Plain>("test.plain"), std::invalid_argument);
  for (const auto* wrong : {"plain", "Test.plain", "test.", ".plain", "test.plain.x", "te st.plain", "1test.x", ""}) {
    EXPECT_THROW(registry.add<Plain>(wrong), std::invalid_argument) << wrong;
  }
  EXPECT_EQ(registry.names(), (std::vector<std::string>{"test.plain"}));
  EXPECT_EQ(registry.find("test.other"), nullptr);
}

TEST(PluginTest, TheAbiStampNamesWhatTwoBuildsMustShare) {
  const std::string stamp = plugin_abi_stamp();
  for (const auto* part : {"skep-abi 7", "skep " SKEP_VERSION, "cxx11-abi=", "bits=64"}) {
    EXPECT_NE(stamp.find(part), std::string::npos) << stamp;
  }
}

}  // namespace bee_registry_test
}  // namespace skep

SKEP_BEES(bees) {
  bees.add<skep::bee_registry_test::Plain>("plugin.plain");
}

namespace skep {
namespace bee_registry_test {

TEST(PluginTest, TheEntryPointsRegisterAndStamp) {
  BeeRegistry registry;
  const PluginBees entry = &skep_plugin_bees;
  entry(registry);
  EXPECT_NE(registry.find("plugin.plain"), nullptr);
  const PluginAbi abi = &skep_plugin_abi;
  EXPECT_STREQ(abi(), plugin_abi_stamp());
}

}  // namespace bee_registry_test
}  // namespace skep
