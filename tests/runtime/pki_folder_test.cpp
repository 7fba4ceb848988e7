#include "pki/pki_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "pki/file_draft.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace pki_folder_test {

namespace fs = std::filesystem;
constexpr CertificateTime now{std::chrono::seconds(1'800'000'000)};

class PkiFolderTest : public ::testing::Test {
 protected:
  PkiFolderTest() {
    std::string name = fs::temp_directory_path() / "skep-pki-XXXXXX";
    root_ = ::mkdtemp(name.data());
    path_ = root_ + "/pki";
  }
  ~PkiFolderTest() override { fs::remove_all(root_); }

  Result<PkiFolder> create() {
    return PkiFolder::create(path_, {"demo", KeyAlgorithm::p256, now, limits::authority_time});
  }
  static CertificateRequest request(const std::string& name, PeerRole role = PeerRole::node) {
    return {{"demo", role, name}, {}, {}, KeyAlgorithm::p256, "", now, limits::certificate_time};
  }
  static mode_t mode(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

  std::string root_, path_;
};

TEST_F(PkiFolderTest, KeysAndTheFolderAreOfNobodyElse) {
  const auto before = ::umask(0);
  ASSERT_TRUE(create().ok());
  ::umask(before);
  EXPECT_EQ(mode(path_), 0700u);
  EXPECT_EQ(mode(path_ + "/ca.key"), 0600u);
  EXPECT_EQ(mode(path_ + "/ca.pem"), 0644u);
}

TEST_F(PkiFolderTest, AKeyThatOthersCanReachIsRefusedWithWhatHelps) {
  ASSERT_TRUE(create().ok());
  for (const auto bits : {0640, 0604, 0620, 0610}) {
    ::chmod((path_ + "/ca.key").c_str(), bits);
    const auto opened = PkiFolder::open(path_);
    ASSERT_FALSE(opened.ok()) << bits;
    EXPECT_NE(opened.error().message.find("chmod 600 '" + path_ + "/ca.key'"), std::string::npos);
  }
  ::chmod((path_ + "/ca.key").c_str(), 0600);
  EXPECT_TRUE(PkiFolder::open(path_).ok());
}

TEST_F(PkiFolderTest, AFolderThatOthersCanWriteToIsRefusedWithWhatHelps) {
  ASSERT_TRUE(create().ok());
  for (const auto& folder : {path_, path_ + "/issued"}) {
    for (const auto bits : {0777, 0720, 0702, 01777}) {
      ::chmod(folder.c_str(), bits);
      const auto opened = PkiFolder::open(path_);
      ASSERT_FALSE(opened.ok()) << folder << ' ' << bits;
      EXPECT_NE(opened.error().message.find("chmod 700 '" + folder + "'"), std::string::npos);
    }
    ::chmod(folder.c_str(), 0755);
    EXPECT_TRUE(PkiFolder::open(path_).ok());
  }
}

TEST_F(PkiFolderTest, ANewAuthorityDoesNotTrustWhatOthersMayHaveLeft) {
  ASSERT_EQ(::mkdir(path_.c_str(), 0700), 0);
  ::chmod(path_.c_str(), 0777);
  EXPECT_FALSE(create().ok());
  EXPECT_TRUE(fs::is_empty(path_));
  ::chmod(path_.c_str(), 0755);
  EXPECT_TRUE(create().ok());
  EXPECT_EQ(mode(path_), 0700u);
}

TEST_F(PkiFolderTest, ASecondAuthorityDoesNotTakeTheFirstOnesPlace) {
  const auto key = create()->authority().key;
  EXPECT_FALSE(create().ok());
  ::unlink((path_ + "/ca.pem").c_str());
  EXPECT_FALSE(create().ok());
  EXPECT_EQ(read_key_file(path_ + "/ca.key").value(), key);
}

TEST_F(PkiFolderTest, FilesHaveALimit) {
  const auto path = root_ + "/key";
  const std::string most(limits::certificate_file_bytes_max, 'x');
  ASSERT_TRUE(write_whole_file(path, most, Secrecy::secret, Existing::keep).ok());
  EXPECT_EQ(read_key_file(path).value(), most);
  ASSERT_TRUE(write_whole_file(path, most + 'x', Secrecy::secret, Existing::replace).ok());
  EXPECT_EQ(read_key_file(path).error().code, errc::too_large);
  EXPECT_EQ(read_certificate_file(path).error().code, errc::too_large);
  write(root_ + "/denied.txt", "#" + std::string(limits::deny_list_bytes_max, 'x'));
  EXPECT_EQ(denied_in(root_).error().code, errc::too_large);
}

TEST_F(PkiFolderTest, WhatIsThereIsKeptAndNoDraftStays) {
  const auto path = root_ + "/file";
  ASSERT_TRUE(write_whole_file(path, "one", Secrecy::secret, Existing::keep).ok());
  EXPECT_EQ(write_whole_file(path, "two", Secrecy::secret, Existing::keep).error().code, errc::invalid_argument);
  EXPECT_EQ(read_key_file(path).value(), "one");
  EXPECT_FALSE(write_whole_file(root_ + "/no/file", "x", Secrecy::open, Existing::keep).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator()), 1);
  EXPECT_FALSE(read_key_file(root_).ok());
  EXPECT_EQ(read_key_file(root_ + "/none").error().code, errc::not_found);
}

TEST_F(PkiFolderTest, ADraftIsNowhereUntilItIsPut) {
  const auto path = root_ + "/file";
  ASSERT_TRUE(write_whole_file(path, "one", Secrecy::secret, Existing::keep).ok());
  {
    const auto dropped = FileDraft::write(path, "two", Secrecy::secret);
    ASSERT_TRUE(dropped.ok());
    EXPECT_EQ(read_key_file(path).value(), "one");
  }
  auto draft = FileDraft::write(path, "three", Secrecy::secret).value();
  EXPECT_FALSE(draft.put(Existing::keep).ok());
  EXPECT_EQ(read_key_file(path).value(), "one");
  EXPECT_TRUE(draft.put(Existing::replace).ok());
  EXPECT_EQ(read_key_file(path).value(), "three");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator()), 1);
}

TEST_F(PkiFolderTest, DraftsOfAKilledProcessAreRemovedAndNothingElse) {
  ASSERT_TRUE(create().ok());
  const auto killed = [](const std::string& path) {
    const auto draft = FileDraft::write(path, "a key", Secrecy::secret);
    if (draft) ::kill(::getpid(), SIGKILL);
    std::exit(1);
  };
  EXPECT_EXIT(killed(path_ + "/ca.key"), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(killed(path_ + "/issued/node-a-0.pem"), ::testing::KilledBySignal(SIGKILL), "");
  for (const auto* name :
       {"ca.key.backup", ".skep-draft-", ".skep-draft-Ab12z", ".skep-draft-Ab12z34", ".skep-draft-Ab-2z9"}) {
    write(path_ + '/' + name, "of somebody");
  }
  fs::create_directory(path_ + "/.skep-draft-folder");
  fs::create_symlink(path_ + "/ca.key", path_ + "/.skep-draft-linked");
  const auto live = FileDraft::write(path_ + "/live", "a key", Secrecy::secret);
  const auto count = [this] { return std::distance(fs::directory_iterator(path_), fs::directory_iterator()); };
  const auto before = count();
  const auto opened = PkiFolder::open(path_);
  ASSERT_EQ(opened->removed_drafts().size(), 2u);
  for (const auto& path : opened->removed_drafts()) EXPECT_FALSE(fs::exists(path)) << path;
  EXPECT_TRUE(fs::is_empty(path_ + "/issued"));
  EXPECT_EQ(count(), before - 1);
}

TEST_F(PkiFolderTest, RevokesByNameAndBySerialAndNothingTwice) {
  auto folder = create().value();
  const auto first = read_certificate(folder.issue(request("a")).value().certificate).value();
  const auto second = read_certificate(folder.issue(request("a")).value().certificate).value();
  const auto other = read_certificate(folder.issue(request("b")).value().certificate).value();
  ASSERT_TRUE(folder.revoke(folder.find(first.serial, now).value()).ok());
  EXPECT_EQ(denied_in(path_).value(), (std::set{first.serial}));
  EXPECT_EQ(folder.find("a", now)->size(), 1u);
  ASSERT_TRUE(folder.revoke(folder.find("node/a", now).value()).ok());
  ASSERT_TRUE(folder.revoke({first, second}).ok());
  EXPECT_EQ(denied_in(path_).value(), (std::set{first.serial, second.serial}));
  const auto list = read_certificate_text(path_ + "/denied.txt").value();
  EXPECT_EQ(list.find(first.serial), list.rfind(first.serial));
  EXPECT_EQ(folder.find("a", now).error().code, errc::not_found);
  EXPECT_EQ(folder.find("b", other.not_after).error().code, errc::not_found);
}

TEST_F(PkiFolderTest, WhatIsNoCertificateHidesNoOther) {
  auto folder = create().value();
  const auto made = read_certificate(folder.issue(request("b")).value().certificate).value();
  write(path_ + "/issued/a.pem", "junk");
  write(path_ + "/issued/c.pem", folder.authority().certificate);
  fs::create_directory(path_ + "/issued/d.pem");
  ASSERT_TRUE(folder.revoke(folder.find("b", now).value()).ok());
  EXPECT_EQ(denied_in(path_).value(), (std::set{made.serial}));
  const auto issued = issued_in(path_).value();
  EXPECT_EQ(issued.readable.size(), 1u);
  EXPECT_EQ(issued.unreadable,
            (std::vector<std::string>{"'" + path_ + "/issued/a.pem': it is no certificate in PEM: no start line",
                                      "'" + path_ + "/issued/c.pem' is that of an authority",
                                      "'" + path_ + "/issued/d.pem' cannot be read: it is a folder, not a file"}));
}

TEST_F(PkiFolderTest, ANameOfTwoRolesIsNotGuessed) {
  auto folder = create().value();
  ASSERT_TRUE(folder.issue(request("a")).ok());
  ASSERT_TRUE(folder.issue(request("a", PeerRole::admin)).ok());
  EXPECT_EQ(folder.find("a", now).error().code, errc::invalid_argument);
  EXPECT_EQ(folder.find("admin/a", now)->front().identity->role, PeerRole::admin);
}

TEST_F(PkiFolderTest, ADenyListThatIsNotUnderstoodIsRefused) {
  write(root_ + "/denied.txt", "# one\n\n0a1b  # why\nff\r\n");
  EXPECT_EQ(denied_in(root_).value(), (std::set<std::string>{"0a1b", "ff"}));
  for (const auto* line : {"0A1B", "0x1b", "1b 1c", "worker-1", "\x1b"}) {
    write(root_ + "/denied.txt", std::string("ff\n") + line + "\n");
    ASSERT_FALSE(denied_in(root_).ok()) << line;
    EXPECT_EQ(denied_in(root_).error().message, "'" + root_ + "/denied.txt', line 2: that is no serial");
  }
  EXPECT_TRUE(denied_in(root_ + "/none")->empty());
}

TEST_F(PkiFolderTest, OneProcessAtATimeChangesIt) {
  ASSERT_TRUE(create().ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      auto folder = PkiFolder::open(path_).value();
      const auto made = folder.issue(request("n" + std::to_string(i))).value();
      EXPECT_TRUE(folder.revoke({read_certificate(made.certificate).value()}).ok());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(denied_in(path_)->size(), 8u);
  EXPECT_EQ(issued_in(path_)->readable.size(), 8u);
}

}  // namespace pki_folder_test
}  // namespace skep
