#include "skep/actors/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace skep {
namespace sha256_test {

std::string sum_of(std::string_view text) {
  return Sha256::hex_of(std::as_bytes(std::span(text)));
}

// FIPS 180-4's own examples, and the empty message.
TEST(Sha256Test, IsTheOneOfTheStandard) {
  EXPECT_EQ(sum_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sum_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sum_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Test, PiecesAreAsGoodAsTheWhole) {
  Sha256 sum;
  for (const std::string piece : {"a", "", "bc"}) sum.add(std::as_bytes(std::span(piece)));
  EXPECT_EQ(sum.hex(), sum_of("abc"));
}

TEST(Sha256Test, IsRecognizedHoweverItIsWritten) {
  const auto sum = sum_of("abc");
  auto upper = sum;
  for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  EXPECT_TRUE(is_sha256(upper));
  EXPECT_TRUE(same_sha256(sum, upper));
  EXPECT_FALSE(same_sha256(sum, sum_of("abd")));
  for (const auto& bad : {std::string(), sum.substr(1), sum + "0", "g" + sum.substr(1)}) EXPECT_FALSE(is_sha256(bad));
}

}  // namespace sha256_test
}  // namespace skep
