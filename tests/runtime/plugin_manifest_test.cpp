#include "skep/runtime/plugin_manifest.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "skep/actors/described_bee.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace plugin_manifest_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Everything that a description can say.
BeeDescription full() {
  BeeDescription bee{.name = "a.full", .summary = "Says \"all\"."};
  bee.inputs = {ContentKind::json, ContentKind::capnp};
  bee.input_type = {0xfedcba9876543210, "Picture"};
  bee.outputs = {{.name = "default", .emits = false}, {.name = "rest", .doc = "the rest", .side = true}};
  bee.outputs_by_options = {{.doc = "each of them", .names_from = "ports"}, {.name = "late", .doc = "", .side = false}};
  bee.options = {
      {"count", "integer", "3", {.min = 1, .max = 9}, "how many"},
      {"share", "number", "0.1", {.min = 0, .max = 0.5}, ""},
      {"wait", "duration", "\"1s\"", {.min = 0.001, .max = 60}, ""},
      {"room", "size", "", {.required = true, .min = 1}, ""},
      {"mode", "string", "\"x\"", {.one_of = {"x", "y"}}, ""},
      {"ports", "list of string", "[]", {}, ""},
      {"any", "value", "", {}, ""},
  };
  bee.takes_batches = bee.holds_records = true;
  return bee;
}

TEST(PluginManifestTest, IsReadAsItWasWritten) {
  const PluginManifest manifest{"an abi",
                                {full(), {.name = "b.empty", .outputs = {{.name = "default", .doc = "all"}}}}};
  const auto text = to_json(manifest);
  const auto read = parse_manifest(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->bees[0].input_type, full().input_type);
  EXPECT_FALSE(read->bees[0].outputs[0].emits);
  EXPECT_TRUE(read->bees[1].outputs[0].emits);
  EXPECT_EQ(read->bees[0].options[4].rules.one_of, (std::vector<std::string>{"x", "y"}));
}

TEST(PluginManifestTest, EveryPrefixIsRefused) {
  const auto text = to_json({"an abi", {full()}});
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parse_manifest(text.substr(0, size)).ok()) << size;
}

TEST(PluginManifestTest, EveryFieldThatIsMissingOrOfAnotherTypeIsNamed) {
  const auto text = to_json({plugin_abi_stamp(), {full()}});
  for (const std::string key : {"abi", "name", "summary", "doc", "side", "by_options", "takes_batches",
                                "forwards_records", "type", "required"}) {
    auto broken = text;
    const auto at = broken.find("\"" + key + "\":");
    ASSERT_NE(at, std::string::npos) << key;
    broken.replace(at, key.size() + 2, "\"" + std::string(key.size(), 'z') + "\"");
    const auto read = parse_manifest(broken);
    ASSERT_FALSE(read.ok()) << key;
    EXPECT_THAT(read.error().message, HasSubstr("." + key));
  }
}

TEST(PluginManifestTest, OfAnotherAbiThatIsAllThatIsRead) {
  const auto read = parse_manifest(R"({"abi": "skep-abi 1, an old one", "bees": [{"class": "of another form"}]})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->abi, "skep-abi 1, an old one");
  EXPECT_TRUE(read->bees.empty());
}

TEST(PluginManifestTest, ItIsLimited) {
  const auto code = [](const PluginManifest& manifest) {
    const auto read = parse_manifest(to_json(manifest));
    return read.ok() ? errc{} : read.error().code;
  };
  BeeDescription bee{.name = "a.b", .outputs = {{.name = "default"}}};
  PluginManifest manifest{"", {limits::plugin_bees_max, bee}};
  EXPECT_EQ(code(manifest), errc{});
  manifest.bees.push_back(bee);
  EXPECT_EQ(code(manifest), errc::bad_record);
  bee.options.assign(limits::plugin_options_max, {"o", "bool", "true", {}, ""});
  EXPECT_EQ(code({"", {bee}}), errc{});
  bee.options.push_back(bee.options[0]);
  EXPECT_EQ(code({"", {bee}}), errc::bad_record);
  EXPECT_EQ(code({std::string(limits::plugin_manifest_bytes_max, 'x'), {}}), errc::too_large);
}

/// A file with these bytes.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("plugin", MFD_CLOEXEC)) {
    EXPECT_EQ(::write(descriptor_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { ::close(descriptor_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string plugin_bytes() {
  std::ifstream file(SKEP_TEST_PLUGIN_DIRECTORY "/taken_name.so", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(PluginManifestTest, IsReadOutOfAPluginAndOutOfNoHalfOfOne) {
  const auto bytes = plugin_bytes();
  const auto whole = read_manifest(MemoryFile(bytes).descriptor());
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_EQ(whole->abi, plugin_abi_stamp());
  EXPECT_EQ(whole->bees.size(), 2u);
  constexpr std::size_t cuts = 100;
  for (std::size_t cut = 0; cut < cuts; ++cut) {
    EXPECT_FALSE(read_manifest(MemoryFile(bytes.substr(0, bytes.size() * cut / cuts)).descriptor()).ok()) << cut;
  }
}

TEST(PluginManifestTest, NoByteOfTheHeadersThatIsWrongDoesHarm) {
  const auto bytes = plugin_bytes();
  Elf64_Ehdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto spoil = [&](std::size_t at) {
    for (const char with : {'\0', '\x7f', '\xff'}) {
      auto broken = bytes;
      broken[at] = with;
      static_cast<void>(read_manifest(MemoryFile(broken).descriptor()));  // ends, and reads nothing that is not there
    }
  };
  for (std::size_t at = 0; at < sizeof header; ++at) spoil(at);
  for (std::size_t at = header.e_shoff; at < bytes.size(); at += 3) spoil(at);
}

// What is checked with a description alone.

OptionValue value_of(
    std::variant<std::monostate, bool, std::int64_t, double, std::string, OptionValue::Array, OptionValue::Table>
        value) {
  return {std::move(value), {}, {}};
}

std::vector<std::string> problems(const OptionValue::Table& table) {
  const auto entry = described_bee(full());
  std::vector<std::string> texts;
  for (const auto& problem : entry->configure(value_of(table), {}).problems) texts.push_back(problem.message);
  return texts;
}

TEST(DescribedBeeTest, ChecksOptionsAsTheirClassWould) {
  const OptionValue::Member room{"room", {}, value_of(std::string("1KiB"))};
  EXPECT_THAT(problems({room}), IsEmpty());
  EXPECT_THAT(problems({}), ElementsAre(HasSubstr("'room'")));
  EXPECT_THAT(problems({room, {"count", {}, value_of(std::int64_t{10})}}),
              ElementsAre("option 'count': 10 is above the maximum 9"));
  EXPECT_THAT(problems({room, {"wait", {}, value_of(std::string("2m"))}}),
              ElementsAre(HasSubstr("above the maximum 1m")));
  EXPECT_THAT(problems({room, {"mode", {}, value_of(std::string("z"))}}), ElementsAre(HasSubstr("is not one of")));
  EXPECT_THAT(problems({room, {"ports", {}, value_of(std::string("a"))}}), ElementsAre(HasSubstr("a list")));
  EXPECT_THAT(problems({room, {"ports", {}, value_of(OptionValue::Array{value_of(std::int64_t{1})})}}),
              ElementsAre(HasSubstr("a string")));
  EXPECT_THAT(problems({room, {"cuont", {}, value_of(std::int64_t{1})}}), ElementsAre("unknown option 'cuont'"));
}

TEST(DescribedBeeTest, HasThePortsThatItsOptionsName) {
  const auto entry = described_bee(full());
  const OptionValue::Array ports{value_of(std::string("left")), value_of(std::string("right"))};
  const auto bee = entry->configure(value_of(OptionValue::Table{{"ports", {}, value_of(ports)}}), {});
  std::vector<std::string> names;
  for (const auto& port : bee.outputs) names.push_back(port.name);
  EXPECT_THAT(names, ElementsAre("default", "rest", "left", "right", "late"));
}

TEST(DescribedBeeTest, ATypeThatIsNotKnownIsRefused) {
  auto bee = full();
  bee.options[0].type = "list of colour";
  const auto entry = described_bee(bee);
  ASSERT_FALSE(entry.ok());
  EXPECT_EQ(entry.error().code, errc::incompatible);
  EXPECT_THAT(entry.error().message, HasSubstr("'count' is of type 'list of colour'"));
  bee.options[0].type = "bool";
  for (int i = 0; i < 5; ++i) bee.options[0].type.insert(0, "list of ");
  EXPECT_TRUE(described_bee(bee).ok());
  for (int i = 0; i < 100'000; ++i) bee.options[0].type += "list of ";
  EXPECT_FALSE(described_bee(bee).ok());
}

}  // namespace plugin_manifest_test
}  // namespace skep
