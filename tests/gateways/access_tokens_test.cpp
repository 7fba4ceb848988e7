#include "access_tokens.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace access_tokens_test {

std::string hash_of(std::string_view token) {
  return "sha256:" + Sha256::hex_of(std::as_bytes(std::span(token)));
}

const std::string not_a_hash = "a token stands there as its hash, \"sha256:\" and 64 hex digits, or a name and that";

TEST(AccessTokensTest, AdmitsWhatHasOneOfItsHashes) {
  const auto tokens = AccessTokens::parse({hash_of("one"), hash_of("two")}).value();
  EXPECT_TRUE(tokens.find("one"));
  EXPECT_TRUE(tokens.find("two"));
  for (const auto* wrong : {"", "on", "onee", "One", "sha256:", "three"}) EXPECT_FALSE(tokens.find(wrong)) << wrong;
  EXPECT_FALSE(tokens.find(hash_of("one")));
  EXPECT_FALSE(AccessTokens().find(""));
}

TEST(AccessTokensTest, AdmitsNothingElse) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& all, const std::string& token) {
    std::vector<std::string> hashes;
    for (const auto& each : all) hashes.push_back(hash_of(each));
    RC_PRE(hashes.size() <= limits::tokens_max);
    const auto tokens = AccessTokens::parse(hashes).value();
    RC_ASSERT((tokens.find(token) != nullptr) == (std::count(all.begin(), all.end(), token) > 0));
    for (const auto& each : all) RC_ASSERT(tokens.find(each) != nullptr);
  }));
}

TEST(AccessTokensTest, TakesHashesAloneAndShowsNothingElse) {
  const auto digits = hash_of("one").substr(7);
  for (const auto& wrong : {std::string("secret"), digits, "sha256:" + digits.substr(1), "sha1:" + digits,
                            "sha256:" + digits + "0", "sha256:g" + digits.substr(1), std::string()}) {
    const auto parsed = AccessTokens::parse({hash_of("two"), wrong});
    ASSERT_FALSE(parsed.ok()) << wrong;
    EXPECT_EQ(parsed.error().message, not_a_hash);
  }
  std::string large;
  for (const char c : digits) large += static_cast<char>(std::toupper(c));
  EXPECT_TRUE(AccessTokens::parse({"sha256:" + large}).value().find("one"));
}

TEST(AccessTokensTest, AreOfALimitedNumber) {
  std::vector<std::string> hashes(limits::tokens_max, hash_of("one"));
  EXPECT_TRUE(AccessTokens::parse(hashes).ok());
  hashes.push_back(hash_of("two"));
  EXPECT_EQ(AccessTokens::parse(hashes).error().message, "there are more than 64 tokens");
}

TEST(AccessTokensTest, MayHaveNames) {
  const auto one = hash_of("one"), two = hash_of("two"), three = hash_of("three");
  const auto tokens =
      AccessTokens::parse({"billing " + one, "\t billing.2-b_C  " + two + " \r", three, "hash   " + hash_of("four")})
          .value();
  EXPECT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens.find("one")->name, "billing");
  EXPECT_EQ(tokens.find("two")->name, "billing.2-b_C");
  EXPECT_EQ(tokens.find("three")->name, "");
  EXPECT_EQ(tokens.find("four")->name, "") << "as `skep token` prints it";
  EXPECT_TRUE(AccessTokens::parse({"billing " + one, "billing " + two}).ok()) << "the old one and the new one";
}

TEST(AccessTokensTest, NamesAreShortAndPrintable) {
  const auto read = [](const std::string& name) { return AccessTokens::parse({name + " " + hash_of("one")}); };
  EXPECT_TRUE(read(std::string(limits::token_name_bytes_max, 'n')).ok());
  for (const auto& wrong :
       {std::string(limits::token_name_bytes_max + 1, 'n'), std::string("a/b"), std::string("a\x1b[1m"),
        std::string("\xc3\xa4"), std::string("a\0b", 3), std::string("sha256:")}) {
    ASSERT_FALSE(read(wrong).ok()) << wrong;
    EXPECT_EQ(read(wrong).error().message,
              "the name of a token has letters, digits, '-', '_' and '.' alone, 64 at the most");
    EXPECT_FALSE(is_token_name(wrong));
  }
  EXPECT_EQ(read("a b").error().message, not_a_hash);
  EXPECT_FALSE(is_token_name(""));
  EXPECT_FALSE(is_token_name("hash"));
  EXPECT_TRUE(is_token_name("token"));
}

TEST(AccessTokensTest, AFileHasALineForEach) {
  AccessTokens tokens;
  const auto text = "# ours\n\nbilling " + hash_of("one") + "  # until May\r\n" + hash_of("two") + "\n  \t\n#\nacme\t" +
                    hash_of("three");
  ASSERT_TRUE(tokens.add_lines(text).ok());
  EXPECT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens.find("one")->name, "billing");
  EXPECT_EQ(tokens.find("three")->name, "acme");
  ASSERT_TRUE(tokens.add_lines("").ok());
  EXPECT_EQ(tokens.size(), 3u);
}

TEST(AccessTokensTest, WhatIsWrongInAFileHasItsLineAndIsNotShown) {
  const auto right = "a " + hash_of("one") + "\n";
  const auto wrong = [&](const std::string& line) {
    AccessTokens tokens;
    const auto added = tokens.add_lines("#\n" + right + line + "\n" + right);
    return added ? "nothing" : added.error().message;
  };
  for (const auto& line :
       {std::string("token  secret"), std::string("secret"), "a b " + hash_of("one"), hash_of("one") + " a",
        hash_of("one") + "0", std::string("a " + hash_of("one")).substr(0, 60)}) {
    EXPECT_EQ(wrong(line), "line 3: " + not_a_hash) << line;
  }
  EXPECT_EQ(wrong("s/ecret " + hash_of("one")),
            "line 3: the name of a token has letters, digits, '-', '_' and '.' alone, 64 at the most");
  std::string many;
  for (std::size_t i = 0; i < limits::tokens_max; ++i) many += right;
  AccessTokens tokens;
  EXPECT_TRUE(tokens.add_lines(many).ok());
  EXPECT_EQ(tokens.add_lines("\n" + right).error().message, "line 2: there are more than 64 tokens");
}

TEST(AccessTokensTest, OneIsKnownByItsHashAlone) {
  const auto before = AccessTokens::parse({"a " + hash_of("one"), hash_of("two")}).value();
  const auto after = AccessTokens::parse({"b " + hash_of("one")}).value();
  EXPECT_TRUE(after.has(*before.find("one")));
  EXPECT_FALSE(after.has(*before.find("two")));
}

TEST(AccessTokensTest, BearerStandsBeforeTheToken) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER   abc"), "abc");
  for (const auto* wrong : {"", "Bearer", "Bearer ", "Bearerabc", "abc", "Basic abc", "Bearer a b", " Bearer abc"}) {
    EXPECT_EQ(bearer_token(wrong), std::nullopt) << wrong;
  }
}

TEST(AccessTokensTest, AWordBehindBearerIsNoTokenToWhoAsksForNone) {
  for (const auto* token : {"Bearer 0123456789abcdefghijklmn",
                            "bearer  abc.def-ghi_jkl~mno+pq/rs=", " \tBearer 0123456789abcdefghijklmn \r"}) {
    EXPECT_TRUE(shows_token(token)) << token;
  }
  for (const auto* words :
       {"Bearer 0123456789abcdefghijklm", "Bearer of news", "Bearer responsibilities",
        "Bearer of-news-of-all-kinds of-them", "Bearer {\"a\":1,\"b\":2,\"c\":\"d\"}", "Bearer", "  ", ""}) {
    EXPECT_FALSE(shows_token(words)) << words;
  }
}

}  // namespace access_tokens_test
}  // namespace skep
