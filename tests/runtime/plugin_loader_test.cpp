#include "skep/runtime/plugin_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "skep/actors/described_bee.hpp"
#include "skep/actors/plugin.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/runtime/plugin_manifest.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep {
namespace plugin_loader_test {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const std::string directory = SKEP_TEST_PLUGIN_DIRECTORY;

class PluginLoaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "skep-plugins-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    scratch_ = name;
  }
  void TearDown() override { fs::remove_all(scratch_); }

  /// A copy of the test bees under another name.
  std::string copy_as(const std::string& name) {
    fs::copy_file(directory + "/test_bees.so", scratch_ + "/" + name + ".so", fs::copy_options::overwrite_existing);
    return name;
  }

  /// Writes over the first of what stands there, which is as long.
  void spoil(const std::string& name, const std::string& from, const std::string& to) const {
    std::fstream file(scratch_ + "/" + name + ".so", std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    ASSERT_EQ(from.size(), to.size());
    file.seekp(static_cast<std::streamoff>(at)).write(to.data(), static_cast<std::streamsize>(to.size())).flush();
  }

  std::string scratch_;
  BeeRegistry registry_;
};

Error failure_of(const Result<void>& result) {
  return result.ok() ? Error{errc::io, "it was loaded"} : result.error();
}

TEST_F(PluginLoaderTest, RegistersTheBeesOfAPlugin) {
  PluginLoader loader({directory});
  ASSERT_TRUE(loader.load_bees("test_bees", registry_).ok());
  ASSERT_NE(registry_.find("test.echo"), nullptr);
  EXPECT_EQ(registry_.find("test.echo")->description.summary, "Sends on what it gets.");
}

TEST_F(PluginLoaderTest, ASecondLoadDoesNothing) {
  PluginLoader loader({directory});
  ASSERT_TRUE(loader.load_bees("test_bees", registry_).ok());
  EXPECT_TRUE(loader.load_bees("test_bees", registry_).ok());
}

TEST_F(PluginLoaderTest, EachFileStaysOpenOnceHoweverManyLoadersThereAre) {
  const auto open_files = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto name = copy_as("again");
  const auto before = open_files();
  for (int loader = 0; loader < 3; ++loader) {
    BeeRegistry bees;
    ASSERT_TRUE(PluginLoader({scratch_}).load_bees(name, bees).ok());
    EXPECT_NE(bees.find("test.echo"), nullptr);
  }
  EXPECT_EQ(open_files(), before + 1);
}

TEST_F(PluginLoaderTest, SearchesDirectoriesInOrder) {
  copy_as("only_here");
  PluginLoader loader({directory, scratch_});
  EXPECT_TRUE(loader.load_bees("only_here", registry_).ok());
}

TEST_F(PluginLoaderTest, AMissingPluginIsReportedWithTheDirectoriesSearched) {
  const auto error = failure_of(PluginLoader({directory, scratch_}).load_bees("absent", registry_));
  EXPECT_EQ(error.code, errc::not_found);
  EXPECT_THAT(error.message, HasSubstr("'absent.so'"));
  EXPECT_THAT(error.message, HasSubstr(directory + ", " + scratch_));
}

TEST_F(PluginLoaderTest, WithoutDirectoriesTheSettingIsNamed) {
  EXPECT_THAT(failure_of(PluginLoader({}).load_bees("absent", registry_)).message, HasSubstr("'plugins'"));
}

TEST_F(PluginLoaderTest, AnotherAbiIsRefusedWithBothStampsAndNothingIsCalled) {
  // It aborts if it is called.
  const auto error = failure_of(PluginLoader({directory}).load_bees("wrong_abi", registry_, {}, Manifest::none_yet));
  EXPECT_EQ(error.code, errc::incompatible);
  EXPECT_THAT(error.message, HasSubstr("skep-abi 0, another compiler"));
  EXPECT_THAT(error.message, HasSubstr(plugin_abi_stamp()));
}

TEST_F(PluginLoaderTest, AnObjectWithoutStampOrEntryPointIsRefusedByTheSymbolItLacks) {
  PluginLoader loader({directory});
  EXPECT_THAT(failure_of(loader.load_bees("no_stamp", registry_, {}, Manifest::none_yet)).message,
              HasSubstr("'skep_plugin_abi'"));
  EXPECT_THAT(failure_of(loader.load_bees("no_entry", registry_, {}, Manifest::none_yet)).message,
              HasSubstr("'skep_plugin_bees'"));
}

TEST_F(PluginLoaderTest, ATakenClassNameIsRefusedAndTheOtherClassesStayOut) {
  add_ready_made_bees(registry_);
  const auto error = failure_of(PluginLoader({directory}).load_bees("taken_name", registry_));
  EXPECT_EQ(error.code, errc::invalid_argument);
  EXPECT_THAT(error.message, HasSubstr("'skep.filter' is already registered"));
  EXPECT_EQ(registry_.find("other.plain"), nullptr);
}

TEST_F(PluginLoaderTest, ANameIsNoPath) {
  PluginLoader loader({directory});
  for (const std::string name : {"../test_bees", "/etc/passwd", "a/b", "test_bees.so", "", "Test", "a b", "a\n"}) {
    EXPECT_EQ(failure_of(loader.load_bees(name, registry_)).code, errc::invalid_argument) << name;
    EXPECT_FALSE(loader.load_engine(name).ok()) << name;
  }
}

TEST_F(PluginLoaderTest, AFileThatOthersCanWriteIsRefused) {
  const auto name = copy_as("writable");
  const auto path = scratch_ + "/writable.so";
  for (const mode_t mode : {0664, 0646}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto error = failure_of(PluginLoader({scratch_}).load_bees(name, registry_));
    EXPECT_EQ(error.code, errc::invalid_argument);
    EXPECT_THAT(error.message, HasSubstr("others may write it"));
  }
}

TEST_F(PluginLoaderTest, AFileOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const auto name = copy_as("foreign");
  ASSERT_EQ(::chown((scratch_ + "/foreign.so").c_str(), 65534, 65534), 0);
  EXPECT_THAT(failure_of(PluginLoader({scratch_}).load_bees(name, registry_)).message, HasSubstr("user 65534"));
}

TEST_F(PluginLoaderTest, WhatIsNoRegularFileOrNoSharedObjectIsRefused) {
  ASSERT_EQ(::mkfifo((scratch_ + "/pipe.so").c_str(), 0600), 0);
  fs::create_directory(scratch_ + "/folder.so");
  std::FILE* text = std::fopen((scratch_ + "/text.so").c_str(), "w");
  std::fputs("not an object", text);
  std::fclose(text);
  PluginLoader loader({scratch_});
  EXPECT_THAT(failure_of(loader.load_bees("pipe", registry_)).message, HasSubstr("regular file"));
  EXPECT_THAT(failure_of(loader.load_bees("folder", registry_)).message, HasSubstr("regular file"));
  EXPECT_THAT(failure_of(loader.load_bees("text", registry_)).message, HasSubstr("no manifest that can be read"));
  EXPECT_EQ(failure_of(loader.load_bees("text", registry_, {}, Manifest::none_yet)).code, errc::incompatible);
}

/// The program headers of a file, and where they stand.
struct Headers {
  explicit Headers(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "r");
    ElfW(Ehdr) header{};
    EXPECT_EQ(std::fread(&header, sizeof header, 1, file), 1u);
    at = static_cast<long>(header.e_phoff);
    parts.resize(header.e_phnum);
    EXPECT_EQ(std::fseek(file, at, SEEK_SET), 0);
    EXPECT_EQ(std::fread(parts.data(), sizeof parts[0], parts.size(), file), parts.size());
    std::fclose(file);
  }
  /// What a loader reads ends there.
  [[nodiscard]] std::uintmax_t end() const {
    std::uintmax_t end = 0;
    for (const auto& part : parts) end = std::max<std::uintmax_t>(end, part.p_offset + part.p_filesz);
    return end;
  }

  long at = 0;
  std::vector<ElfW(Phdr)> parts;
};

TEST_F(PluginLoaderTest, APluginThatIsCutOffIsRefusedWhereverItIsCut) {
  const auto needed = Headers(directory + "/test_bees.so").end();
  std::vector<std::uintmax_t> sizes{needed - 1, needed};
  constexpr std::uintmax_t cuts = 100;
  for (std::uintmax_t cut = 0; cut < cuts; ++cut) sizes.push_back(needed * cut / cuts);
  for (const auto size : sizes) {
    const auto name = copy_as("cut_" + std::to_string(size));
    fs::resize_file(scratch_ + "/" + name + ".so", size);
    BeeRegistry registry;
    const auto loaded = PluginLoader({scratch_}).load_bees(name, registry, {}, Manifest::none_yet);
    EXPECT_EQ(loaded.ok(), size == needed) << size;
    if (size != needed - 1) continue;
    EXPECT_THAT(failure_of(loaded).message, HasSubstr("is refused: it is cut off after "));
  }
}

TEST_F(PluginLoaderTest, AHeaderThatSpeaksOfTheWholeAddressSpaceIsRefused) {
  const auto name = copy_as("endless");
  const auto path = scratch_ + "/endless.so";
  Headers headers(path);
  headers.parts[0].p_filesz = ~decltype(headers.parts[0].p_filesz){0};  // added to where it begins it is small again
  std::FILE* file = std::fopen(path.c_str(), "r+");
  ASSERT_EQ(std::fseek(file, headers.at, SEEK_SET), 0);
  ASSERT_EQ(std::fwrite(headers.parts.data(), sizeof headers.parts[0], 1, file), 1u);
  std::fclose(file);
  EXPECT_THAT(failure_of(PluginLoader({scratch_}).load_bees(name, registry_)).message, HasSubstr("cut off"));
}

TEST_F(PluginLoaderTest, TwoFilesAreTwoPluginsEvenWhenAnotherWasRefusedBetween) {
  // Objects are loaded through descriptors, and a descriptor's number comes back when it is closed.
  BeeRegistry first, second;
  PluginLoader loader({scratch_, directory});
  ASSERT_TRUE(loader.load_bees(copy_as("one"), first).ok());
  EXPECT_FALSE(loader.load_bees("wrong_abi", first, {}, Manifest::none_yet).ok());
  EXPECT_FALSE(loader.load_bees("no_entry", first, {}, Manifest::none_yet).ok());
  ASSERT_TRUE(loader.load_bees(copy_as("two"), second).ok());
  EXPECT_NE(second.find("test.echo"), nullptr);
}

/// What a bee of this class answers.
std::string answer_of(const BeeRegistry& registry, const char* bee_class) {
  testing::BeeHarnessBase bee(registry, bee_class);
  bee.send("1");
  return std::string(bee.emitted().at(0).text());
}

TEST_F(PluginLoaderTest, TwoVersionsOfAPluginShareNoState) {
  PluginLoader loader({directory});
  ASSERT_TRUE(loader.load_bees("counted_1", registry_).ok());
  ASSERT_TRUE(loader.load_bees("counted_2", registry_).ok());
  for (const auto* count : {": 1", ": 2"}) {
    EXPECT_EQ(answer_of(registry_, "counted.v1"), std::string("version 1") + count);
    EXPECT_EQ(answer_of(registry_, "counted.v2"), std::string("version 2") + count);
  }
}

TEST_F(PluginLoaderTest, AManifestTellsWhatLoadingWouldAndRunsNothing) {
  BeeRegistry loaded, described;
  ASSERT_TRUE(PluginLoader({directory}).load_bees("test_bees", loaded).ok());
  ASSERT_TRUE(PluginLoader({directory}).describe_bees("test_bees", described).ok());
  ASSERT_EQ(described.names(), loaded.names());
  for (const auto& name : loaded.names()) {
    const PluginManifest ours{"", {loaded.find(name)->description}}, theirs{"", {described.find(name)->description}};
    EXPECT_EQ(to_json(theirs), to_json(ours));
  }
  const auto bee = described.find("test.echo")->configure({}, {});
  EXPECT_TRUE(bee.problems.empty());
  EXPECT_FALSE(bee.factory) << "there is no code of it here";
}

TEST_F(PluginLoaderTest, APluginWithoutManifestOrOfAnotherAbiIsNotDescribed) {
  EXPECT_THAT(failure_of(PluginLoader({directory}).describe_bees("no_entry", registry_)).message,
              HasSubstr("has no manifest that can be read"));
  const auto name = copy_as("other_abi");
  spoil(name, "{\"abi\":\"skep-abi", "{\"abi\":\"SKEP-abi");
  const auto error = failure_of(PluginLoader({scratch_}).describe_bees(name, registry_));
  EXPECT_EQ(error.code, errc::incompatible);
  EXPECT_THAT(error.message, HasSubstr("was built for 'SKEP-abi"));
}

TEST_F(PluginLoaderTest, WhatIsRefusedByItsManifestIsNotLoadedEither) {
  PluginLoader loader({scratch_, directory});
  const auto spoilt = copy_as("spoilt"), lying = copy_as("lying");
  spoil(spoilt, "\"takes_batches\":", "\"takes_butches\":");
  spoil(lying, "\"name\":\"test.echo\"", "\"name\":\"taken.one\"");
  registry_.add(*described_bee({.name = "taken.one", .outputs = {{.name = "default"}}}));
  for (const auto& name : {spoilt, lying, std::string("no_entry"), std::string("wrong_abi")}) {
    const auto described = failure_of(loader.describe_bees(name, registry_));
    const auto loaded = failure_of(loader.load_bees(name, registry_));
    EXPECT_EQ(loaded.code, described.code) << name;
    EXPECT_EQ(loaded.message, described.message) << name;
    EXPECT_THAT(loaded.message, HasSubstr(name));
    EXPECT_EQ(registry_.names().size(), 1u) << name;
  }
}

TEST_F(PluginLoaderTest, AnotherFileThanThePinnedOneIsRefused) {
  const std::string other(64, '0');
  PluginLoader loader({directory});
  const auto error = failure_of(loader.load_bees("test_bees", registry_, other));
  EXPECT_EQ(error.code, errc::invalid_argument);
  EXPECT_THAT(error.message, HasSubstr("its SHA-256 is "));
  EXPECT_THAT(error.message, HasSubstr("expected " + other));
  EXPECT_TRUE(registry_.names().empty());
  const auto at = error.message.find("SHA-256 is ") + std::string("SHA-256 is ").size();
  auto right = error.message.substr(at, 64);
  std::ranges::transform(right, right.begin(), [](char c) { return std::toupper(c); });
  EXPECT_TRUE(loader.describe_bees("test_bees", registry_, right).ok());
  EXPECT_TRUE(loader.load_bees("test_bees", registry_, right).ok());
  EXPECT_THAT(failure_of(loader.load_bees("test_bees", registry_, other)).message, HasSubstr("is here already"));
}

TEST_F(PluginLoaderTest, AnEngineIsLoadedOnceByItsName) {
  PluginLoader loader({directory});
  const auto engine = loader.load_engine("fake");
  ASSERT_TRUE(engine.ok());
  EXPECT_EQ(loader.load_engine("fake").value(), engine.value());
  const auto model = engine.value()->load({}, {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().message, "no models here");
}

TEST_F(PluginLoaderTest, AMissingEngineIsNamedByItsFile) {
  const auto engine = PluginLoader({directory}).load_engine("absent");
  ASSERT_FALSE(engine.ok());
  EXPECT_THAT(engine.error().message, HasSubstr("'absent_engine.so'"));
}

/// Both ways to know a plug-in.
class PluginTypesTest : public PluginLoaderTest, public ::testing::WithParamInterface<bool> {
 protected:
  Result<void> add(const std::string& name) {
    return GetParam() ? loader_.load_bees(name, registry_) : loader_.describe_bees(name, registry_);
  }
  PluginLoader loader_{{directory}};
};

TEST_P(PluginTypesTest, VersionsOfOneTypeLieSideBySideAndOfAnotherTypeThePlugInIsRefused) {
  ASSERT_TRUE(add("part_one").ok());
  const auto& take = registry_.find("one.take")->description;
  EXPECT_EQ(take.plugin, "part_one");
  EXPECT_EQ(take.input_type.name, "Part");
  EXPECT_EQ(registry_.schemas().find(take.input_type.id)->from, "plug-in 'part_one'");
  const auto newer = add("part_newer");
  ASSERT_TRUE(newer.ok()) << newer.error().message;
  EXPECT_EQ(registry_.schemas().find(take.input_type.id)->from, "plug-in 'part_newer'");
  const auto other = failure_of(add("part_other"));
  EXPECT_EQ(other.code, errc::incompatible);
  EXPECT_THAT(other.message, HasSubstr("'Part' (parts/other/part.capnp) of plug-in 'part_other' and 'Part' "
                                       "(parts/newer/part.capnp) of plug-in 'part_newer' have one id"));
  EXPECT_EQ(registry_.find("other.take"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(LoadedOrDescribed, PluginTypesTest, ::testing::Bool());

}  // namespace plugin_loader_test
}  // namespace skep
