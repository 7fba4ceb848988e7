#include <gmock/gmock.h>

#include <cctype>
#include <cstdlib>
#include <stdexcept>

#include "actors/model_fixture.hpp"

namespace skep::testing {
namespace model_file_test {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Of "weights", as sha256sum prints it.
constexpr const char* weights_sha256 = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c";

/// Gives up root's rights, where they are held, until the end of the scope.
class AsNobody {
 public:
  AsNobody() : before_(::geteuid()) {
    if (before_ == 0 && ::seteuid(65534) != 0) throw std::runtime_error("seteuid");
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (::seteuid(before_) != 0) std::abort();
  }

 private:
  uid_t before_;
};

class ModelFileTest : public ::testing::Test, public ModelFixture {
 protected:
  std::string start_error(const char* key, OptionValue value) {
    try {
      const auto bee = start(with(options, key, std::move(value)));
    } catch (const std::runtime_error& problem) {
      EXPECT_TRUE(engine.loaded.empty()) << "the engine saw a file that should have been refused";
      return problem.what();
    }
    return "it started";
  }
};

TEST_F(ModelFileTest, ThatIsMissingIsNamed) {
  EXPECT_THAT(start_error("model", option(folder.path() + "/none.pt")),
              AllOf(HasSubstr("/none.pt"), HasSubstr("No such file")));
}

TEST_F(ModelFileTest, ThatIsAFolderIsRefused) {
  EXPECT_THAT(start_error("model", option(folder.path())), AllOf(HasSubstr(folder.path()), HasSubstr("regular file")));
}

TEST_F(ModelFileTest, ThatCannotBeReadIsRefused) {
  const auto path = folder.write("secret.pt", "x", 0);
  const AsNobody unprivileged;  // root may read everything
  EXPECT_THAT(start_error("model", option(path)), AllOf(HasSubstr(path), HasSubstr("Permission denied")));
}

TEST_F(ModelFileTest, ThatItsGroupCanWriteIsRefused) {
  EXPECT_THAT(start_error("model", option(folder.write("shared.pt", "x", 0664))),
              AllOf(HasSubstr("shared.pt"), HasSubstr("its group can write it"), HasSubstr("chmod go-w")));
}

TEST_F(ModelFileTest, ThatEveryoneCanWriteIsRefused) {
  EXPECT_THAT(start_error("model", option(folder.write("open.pt", "x", 0646))), HasSubstr("everyone can write it"));
}

TEST_F(ModelFileTest, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const auto path = folder.write("foreign.pt", "x");
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  EXPECT_THAT(start_error("model", option(path)), HasSubstr("belongs to another user"));
}

TEST_F(ModelFileTest, OverItsLimitIsRefusedWithTheSettingThatRaisesIt) {
  EXPECT_THAT(start_error("model_bytes_max", option("6B")),
              AllOf(HasSubstr("7B"), HasSubstr("6B"), HasSubstr("model_bytes_max")));
}

TEST_F(ModelFileTest, WithAnotherDigestIsRefusedWithBoth) {
  const std::string other(64, 'a');
  EXPECT_THAT(start_error("sha256", option(other)), AllOf(HasSubstr(weights_sha256), HasSubstr("expected " + other)));
}

TEST_F(ModelFileTest, WithItsDigestIsLoadedWhateverTheCaseOfItsLetters) {
  std::string digest = weights_sha256;
  for (auto& letter : digest) letter = static_cast<char>(std::toupper(letter));
  const auto bee = start(with(options, "sha256", option(digest)));
  EXPECT_THAT(engine.loaded, ::testing::SizeIs(1));
  ASSERT_FALSE(bee.log().empty());
  EXPECT_THAT(bee.log().front().text, AllOf(HasSubstr("sum.model"), HasSubstr(weights_sha256)));
}

TEST_F(ModelFileTest, IsRelativeToTheFolderOfTheSwarmFile) {
  auto relative = with(options, "model", option("sum.model"));
  relative.directory = folder.path();
  const auto bee = start(relative);
  EXPECT_EQ(engine.load_options.path, folder.path() + "/sum.model");
}

}  // namespace model_file_test
}  // namespace skep::testing
