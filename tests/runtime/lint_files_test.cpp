#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "lint_fixture.hpp"

namespace skep {
namespace lint_files_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Gateways of the type `file`, in a folder with the file `there` and the pipe `pipe`.
class LintFilesTest : public LintTest {
 protected:
  LintFilesTest() {
    add_gateways(gateways_);
    std::ofstream(folder_ / "there") << "{}\n";
    ::mkfifo((folder_ / "pipe").c_str(), 0600);
    std::filesystem::create_symlink(folder_ / "there", folder_ / "link");
    std::filesystem::create_hard_link(folder_ / "there", folder_ / "hard");
  }
  ~LintFilesTest() override { std::filesystem::remove_all(folder_); }

  /// What lint says, the folder left out: of two gateways, which begin at lines 2 and 6, and a bee that reads the one
  /// `reader`, if any, and the gateway `always`.
  std::vector<std::string> said(const std::string& one, const std::string& two, const std::string& readers) {
    const auto gateway = [&](const std::string& name, const std::string& keys) {
      return "[gateways." + name + "]\ntype = \"file\"\n" + keys + "\n\n";
    };
    auto texts = problems(gateway("one", one) + gateway("two", two) + "[gateways.always]\ntype = \"memory\"\n" +
                          "[bees.a]\nclass = \"test.plain\"\nfrom = [" + readers + "\"always\"]\n");
    for (auto& text : texts) {
      for (auto at = text.find(folder_.string()); at != std::string::npos; at = text.find(folder_.string())) {
        text.erase(at, folder_.string().size() + 1);
      }
    }
    return texts;
  }
  std::string path(const std::string& name, const std::string& option = "path") {
    return option + " = \"" + (name == "-" ? name : (folder_ / name).string()) + "\"";
  }
  std::string reads(const std::string& name) { return path(name); }
  std::string writes(const std::string& name) { return path(name) + "\nfrom = \"a\""; }
  std::string answers(const std::string& name, const std::string& output) {
    return path(name) + "\nanswers = \"a\"\n" + (output.empty() ? "" : path(output, "output"));
  }

  static std::string new_folder() {
    auto path = ::testing::TempDir() + "lint_files_XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder can be made in " + ::testing::TempDir());
    return path;
  }

  const std::filesystem::path folder_ = new_folder();
};

TEST_F(LintFilesTest, AFileMayBeReadTwiceButNotWrittenBeside) {
  EXPECT_THAT(said(reads("there"), reads("there"), "\"one\", \"two\", "), IsEmpty());
  EXPECT_THAT(said(reads("there"), writes("there"), "\"one\", "),
              ElementsAre("s.toml:8:8: error: gateway 'two' writes 'there', and gateway 'one' reads it "
                          "(a file for each)"));
  EXPECT_THAT(said(writes("new"), writes("new"), ""),
              ElementsAre("s.toml:9:8: error: gateway 'two' writes 'new', and gateway 'one' writes it "
                          "(a file for each)"));
  EXPECT_THAT(said(writes("there"), reads("there"), "\"two\", "),
              ElementsAre(HasSubstr("9:8: error: gateway 'two' reads 'there', and gateway 'one' writes it")));
}

TEST_F(LintFilesTest, AnswersAreWrittenToo) {
  EXPECT_THAT(said(answers("there", "new"), writes("new"), "\"one\", "),
              ElementsAre(HasSubstr("10:8: error: gateway 'two' writes 'new', and gateway 'one' writes it")));
  EXPECT_THAT(said(answers("there", "new"), answers("there", "newer"), "\"one\", \"two\", "), IsEmpty());
}

TEST_F(LintFilesTest, AGatewayDoesNotAnswerIntoWhatItReads) {
  for (const auto* output : {"hard", "link"}) {
    EXPECT_THAT(said(answers("there", output), reads("pipe"), "\"one\", \"two\", "),
                ElementsAre(HasSubstr("6:10: error: gateway 'one' reads 'there', and writes its answers over it by the "
                                      "name '" +
                                      std::string(output) + "' (another 'output')")));
  }
}

TEST_F(LintFilesTest, AFileByAnotherNameIsTheSame) {
  EXPECT_THAT(said(reads("there"), writes("link"), "\"one\", "), ElementsAre(HasSubstr("gateway 'two' writes 'link'")));
  EXPECT_THAT(said(reads("there"), writes("./there"), "\"one\", "), ElementsAre(HasSubstr("gateway 'two' writes")));
  EXPECT_THAT(said(reads("there"), writes("hard"), "\"one\", "), ElementsAre(HasSubstr("gateway 'two' writes 'hard'")));
  EXPECT_THAT(said(writes("./new"), writes("././new"), ""), ElementsAre(HasSubstr("gateway 'two' writes")));
}

TEST_F(LintFilesTest, PipesAndDevicesAreShared) {
  EXPECT_THAT(said(reads("pipe"), writes("pipe"), "\"one\", "), IsEmpty());
  EXPECT_THAT(said("path = \"/dev/null\"\nfrom = \"a\"", "path = \"/dev/null\"\nfrom = \"a\"", ""), IsEmpty());
}

TEST_F(LintFilesTest, StandardInputAndOutputHaveOneGatewayEach) {
  EXPECT_THAT(said(reads("-"), reads("-"), "\"one\", \"two\", "),
              ElementsAre(HasSubstr("8:8: error: gateway 'two' reads standard input, and gateway 'one' reads it")));
  EXPECT_THAT(said(answers("there", ""), writes("-"), "\"one\", "),
              ElementsAre(HasSubstr("error: gateway 'two' writes standard output, and gateway 'one' writes it "
                                    "(an 'output' or a 'path' for each)")));
  EXPECT_THAT(said(reads("-"), writes("-"), "\"one\", "), IsEmpty());
}

TEST_F(LintFilesTest, AFileThatIsReadIsMissedWithAWarning) {
  EXPECT_THAT(said(reads("absent"), writes("new"), "\"one\", "),
              ElementsAre("s.toml:4:8: warning: there is no file 'absent' (yet)"));
}

TEST_F(LintFilesTest, AFileIsReadOrWritten) {
  EXPECT_THAT(said(answers("there", "new") + "\nfrom = \"a\"", writes("newer"), "\"one\", "),
              ElementsAre(HasSubstr("error: gateway 'one' answers, and reads from bees (a file is read or written")));
}

}  // namespace lint_files_test
}  // namespace skep
