#include "token_sources.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace token_sources_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string hash_of(std::string_view token) {
  return "sha256:" + Sha256::hex_of(std::as_bytes(std::span(token)));
}

class TokenSourcesTest : public ::testing::Test {
 protected:
  TokenSourcesTest() {
    std::string folder = std::filesystem::temp_directory_path() / "skep-tokens-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  ~TokenSourcesTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text, ::mode_t mode = 0600) const {
    std::ofstream(path()) << text;
    EXPECT_EQ(::chmod(path().c_str(), mode), 0);
  }
  [[nodiscard]] std::string path() const { return folder_ / "tokens"; }
  [[nodiscard]] std::string failure(const std::vector<std::string>& listed = {}) const {
    const auto read = read_tokens({listed, path()});
    return read ? "none" : read.error().message;
  }

  std::filesystem::path folder_;
};

TEST_F(TokenSourcesTest, AFileAddsToTheList) {
  write("billing " + hash_of("one") + "\n");
  const auto tokens = read_tokens({{hash_of("two")}, path()}).value();
  EXPECT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens.find("one")->name, "billing");
  EXPECT_TRUE(tokens.find("two"));
  EXPECT_EQ(read_tokens({{hash_of("two")}, ""}).value().size(), 1u);
  EXPECT_TRUE(read_tokens({}).value().empty());
}

TEST_F(TokenSourcesTest, AFileWithoutATokenIsWrongUnlessThereAreOthers) {
  write("# nobody\n");
  EXPECT_EQ(failure(), "'" + path() + "' has no token: nobody could come in");
  EXPECT_EQ(failure({hash_of("two")}), "none");
}

TEST_F(TokenSourcesTest, WhatIsWrongNamesTheFileAndTheLine) {
  EXPECT_THAT(failure(), AllOf(StartsWith("'" + path() + "' cannot be read: "), HasSubstr("No such file")));
  write("\nmy-own-secret\n");
  EXPECT_THAT(failure(), StartsWith("'" + path() + "', line 2: a token stands there as its hash"));
  write(hash_of("one"));
  EXPECT_EQ(failure(std::vector<std::string>(limits::tokens_max, hash_of("two"))),
            "'" + path() + "', line 1: there are more than 64 tokens");
}

TEST_F(TokenSourcesTest, NobodyElseMayReachTheFile) {
  for (const ::mode_t mode : {0644, 0640, 0620, 0604}) {
    write(hash_of("one"), mode);
    EXPECT_EQ(failure(), "'" + path() +
                             "' holds the hashes of tokens, and others than its owner can reach it: chmod 600 '" +
                             path() + "'");
  }
}

TEST_F(TokenSourcesTest, TheFileHasASize) {
  const auto line = hash_of("one") + "\n";
  write(line + std::string(limits::tokens_file_bytes_max - line.size(), '\n'));
  EXPECT_EQ(failure(), "none");
  write(line + std::string(limits::tokens_file_bytes_max - line.size() + 1, '\n'));
  EXPECT_THAT(failure(), HasSubstr("' is over 65536 bytes"));
}

}  // namespace token_sources_test
}  // namespace skep
