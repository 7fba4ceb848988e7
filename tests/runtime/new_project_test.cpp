#include "new_project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace skep::cli {
namespace new_project_test {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class NewProjectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "skep-project-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(NewProjectTest, EveryMarkIsFilledIn) {
  const auto written = write_project(folder_ / "parcel");
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->size(), project_files().size());
  for (const auto& path : *written) {
    const auto text = text_of(folder_ / "parcel" / path);
    EXPECT_FALSE(text.empty()) << path;
    EXPECT_EQ(text.find("@name@"), std::string::npos) << path;
    EXPECT_EQ(text.find("@version@"), std::string::npos) << path;
  }
  EXPECT_THAT(text_of(folder_ / "parcel" / "parcel.toml"), HasSubstr("plugins = [\"parcel\"]"));
  EXPECT_THAT(text_of(folder_ / "parcel" / "parcel.cpp"), HasSubstr("bees.add<parcel::Greet>(\"parcel.greet\")"));
}

TEST_F(NewProjectTest, ItIsWrittenIntoAFolderThatIsEmpty) {
  fs::create_directory(folder_ / "parcel");
  EXPECT_TRUE(write_project(folder_ / "parcel").ok());
}

TEST_F(NewProjectTest, WhatIsThereIsLeftAlone) {
  fs::create_directory(folder_ / "parcel");
  std::ofstream(folder_ / "parcel" / "mine.txt") << "mine";
  const auto written = write_project(folder_ / "parcel");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, errc::invalid_argument);
  EXPECT_THAT(written.error().message, HasSubstr("not empty"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "parcel"), {}), 1);
}

TEST_F(NewProjectTest, AFileOfThatNameIsAnError) {
  std::ofstream(folder_ / "parcel") << "a file";
  const auto written = write_project(folder_ / "parcel");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, errc::io);
}

TEST_F(NewProjectTest, ANameIsThatOfAPluginAndOfANamespace) {
  for (const std::string name :
       {"", "9lives", "_a", "Parcel", "a-b", "a.b", "a b", "class", "std", "skep", "\xc3\xa4"}) {
    EXPECT_NE(project_name_problem(name), "") << name;
  }
  EXPECT_NE(project_name_problem(std::string(65, 'a')), "");
  for (const std::string name : {"a", "parcel", "parcel_2", "classes"})
    EXPECT_EQ(project_name_problem(name), "") << name;
  EXPECT_FALSE(write_project(folder_ / "Parcel").ok());
  EXPECT_FALSE(fs::exists(folder_ / "Parcel"));
}

}  // namespace new_project_test
}  // namespace skep::cli
