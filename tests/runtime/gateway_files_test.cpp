// Files of gateways, looked at without starting anything.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lint_fixture.hpp"
#include "support/test_certificates.hpp"

namespace skep {
namespace gateway_files_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class GatewayFilesTest : public LintTest {
 protected:
  GatewayFilesTest() {
    add_gateways(gateways_);
    std::string folder = std::filesystem::temp_directory_path() / "skep-files-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    put(authority_.issue({.names = "DNS:localhost", .usage = "serverAuth"}));
    write("clients.pem", authority_.pem());
    write("tokens", "sha256:" + std::string(64, '0'));
  }
  ~GatewayFilesTest() override { std::filesystem::remove_all(folder_); }

  void put(const test::Credential& made) const {
    write("cert.pem", made.certificate);
    write("key.pem", made.key);
  }
  void write(const std::string& name, const std::string& text, ::mode_t mode = 0600) const {
    std::ofstream(path(name)) << text;
    EXPECT_EQ(::chmod(path(name).c_str(), mode), 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// Of a gateway with all files, as they stand in lines 4 to 7.
  [[nodiscard]] std::vector<std::string> found(Problem::Severity severity = Problem::Severity::error,
                                               const std::string& labels = {}, bool others = false) {
    const auto file =
        parse_swarm("name = \"s\"\n[gateways.front]\ntype = \"tcp\"\ntls_certificate = \"" + path("cert.pem") +
                        "\"\ntls_key = \"" + path("key.pem") + "\"\ntls_client_authorities = \"" + path("clients.pem") +
                        "\"\ntokens_file = \"" + path("tokens") + "\"\nlisten = \"127.0.0.1:0\"\n" + labels +
                        "[bees.a]\nclass = \"test.plain\"\nfrom = \"front\"\n",
                    "s.toml", {});
    const auto checked = lint(file, bees_, gateways_);
    EXPECT_TRUE(checked.ok());
    std::vector<std::string> texts;
    for (const auto& problem : check_gateway_files(checked.plan, "s.toml", severity, others)) {
      texts.push_back(problem.to_string());
    }
    return texts;
  }

  std::string folder_;
  test::Authority authority_;
};

TEST_F(GatewayFilesTest, WhatIsRightIsNotMentioned) {
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(GatewayFilesTest, WhatCannotBeReadIsToldWhereItStands) {
  std::filesystem::remove(path("cert.pem"));
  std::filesystem::remove(path("tokens"));
  EXPECT_THAT(found(), ElementsAre("s.toml:4:19: error: 'tls_certificate': '" + path("cert.pem") +
                                       "' cannot be read: No such file or directory",
                                   "s.toml:7:15: error: 'tokens_file': '" + path("tokens") +
                                       "' cannot be read: No such file or directory"));
}

TEST_F(GatewayFilesTest, AKeyHasToMatchAndBeNobodyElses) {
  write("key.pem", authority_.issue({}).key);
  EXPECT_THAT(found(), ElementsAre("s.toml:5:11: error: 'tls_key': '" + path("key.pem") + "' is not the key of '" +
                                   path("cert.pem") + "'"));
  write("key.pem", authority_.issue({}).key, 0644);
  EXPECT_THAT(found(),
              ElementsAre(HasSubstr("s.toml:5:11: error: 'tls_key': '" + path("key.pem") + "' holds a private key")));
}

TEST_F(GatewayFilesTest, ACertificateHasToBeValidNow) {
  put(authority_.issue(
      {.names = "DNS:a", .usage = "serverAuth", .from = std::chrono::hours(-2), .to = std::chrono::hours(-1)}));
  EXPECT_THAT(found(),
              ElementsAre(AllOf(StartsWith("s.toml:4:19: error: 'tls_certificate': '"), HasSubstr("expired"))));
}

TEST_F(GatewayFilesTest, AuthoritiesHaveToBeSome) {
  write("clients.pem", authority_.issue({}).certificate);
  EXPECT_THAT(found(), ElementsAre(AllOf(StartsWith("s.toml:6:26: error: 'tls_client_authorities': '"),
                                         EndsWith("that is not that of an authority"))));
}

TEST_F(GatewayFilesTest, ATokenHasToBeAHash) {
  write("tokens", "# ours\nbilling my-own-secret\n");
  EXPECT_THAT(found(), ElementsAre(StartsWith("s.toml:7:15: error: 'tokens_file': '" + path("tokens") +
                                              "', line 2: a token stands there as its hash")));
}

TEST_F(GatewayFilesTest, FilesOfAnotherMachineAreWarnings) {
  std::filesystem::remove(path("cert.pem"));
  EXPECT_THAT(found(Problem::Severity::warning), ElementsAre(HasSubstr("s.toml:4:19: warning: ")));
  const std::string labels = "nodes = [\"gpu\"]\n";
  EXPECT_THAT(found(Problem::Severity::error, labels, true), ElementsAre(HasSubstr("s.toml:4:19: warning: ")));
  EXPECT_THAT(found(Problem::Severity::error, labels), ElementsAre(HasSubstr("s.toml:4:19: error: ")));
  EXPECT_THAT(found(Problem::Severity::error, "", true), ElementsAre(HasSubstr("s.toml:4:19: error: ")));
}

}  // namespace gateway_files_test
}  // namespace skep
