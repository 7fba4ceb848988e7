#include "access_tokens.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

std::string hash_of(std::string_view token) {
  return "sha256:" + Sha256::hex_of(std::as_bytes(std::span(token)));
}

TEST(AccessTokensTest, AdmitsWhatHasOneOfItsHashes) {
  const auto tokens = AccessTokens::parse({hash_of("one"), hash_of("two")}).value();
  EXPECT_TRUE(tokens.admit("one"));
  EXPECT_TRUE(tokens.admit("two"));
  for (const auto* wrong : {"", "on", "onee", "One", "sha256:", "three"}) EXPECT_FALSE(tokens.admit(wrong)) << wrong;
  EXPECT_FALSE(tokens.admit(hash_of("one")));
  EXPECT_FALSE(AccessTokens().admit(""));
}

TEST(AccessTokensTest, AdmitsNothingElse) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& all, const std::string& token) {
    std::vector<std::string> hashes;
    for (const auto& each : all) hashes.push_back(hash_of(each));
    RC_PRE(hashes.size() <= limits::tokens_max);
    const auto tokens = AccessTokens::parse(hashes).value();
    RC_ASSERT(tokens.admit(token) == (std::count(all.begin(), all.end(), token) > 0));
    for (const auto& each : all) RC_ASSERT(tokens.admit(each));
  }));
}

TEST(AccessTokensTest, TakesHashesAloneAndShowsNothingElse) {
  const auto digits = hash_of("one").substr(7);
  for (const auto& wrong : {std::string("secret"), digits, "sha256:" + digits.substr(1), "sha1:" + digits,
                            "sha256:" + digits + "0", "sha256:g" + digits.substr(1), std::string()}) {
    const auto parsed = AccessTokens::parse({hash_of("two"), wrong});
    ASSERT_FALSE(parsed.ok()) << wrong;
    EXPECT_EQ(parsed.error().message, "a token stands there as its hash, \"sha256:\" and 64 hex digits");
  }
  std::string large;
  for (const char c : digits) large += static_cast<char>(std::toupper(c));
  EXPECT_TRUE(AccessTokens::parse({"sha256:" + large}).value().admit("one"));
}

TEST(AccessTokensTest, AreOfALimitedNumber) {
  std::vector<std::string> hashes(limits::tokens_max, hash_of("one"));
  EXPECT_TRUE(AccessTokens::parse(hashes).ok());
  hashes.push_back(hash_of("two"));
  EXPECT_EQ(AccessTokens::parse(hashes).error().message, "there are more than 64 tokens");
}

TEST(AccessTokensTest, BearerStandsBeforeTheToken) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER   abc"), "abc");
  for (const auto* wrong : {"", "Bearer", "Bearer ", "Bearerabc", "abc", "Basic abc", "Bearer a b", " Bearer abc"}) {
    EXPECT_EQ(bearer_token(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace skep
