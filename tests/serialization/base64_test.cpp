#include "skep/serialization/base64.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace skep {
namespace base64_test {

std::string encoded(std::string_view bytes) {
  return to_base64(std::as_bytes(std::span(bytes)));
}

TEST(Base64Test, HasTheVectorsOfItsRfc) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64Test, ThePaddingMayBeMissing) {
  EXPECT_EQ(from_base64("Zg"), "f");
  EXPECT_EQ(from_base64("Zm8"), "fo");
}

TEST(Base64Test, RefusesWhatIsNone) {
  for (const auto* text : {"Z", "Zm9vY", "Zg=", "Zg===", "=", "Z g=", "Zm-v", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64Test, ReadsBackWhatItWrote) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { RC_ASSERT(from_base64(encoded(bytes)) == bytes); }));
}

}  // namespace base64_test
}  // namespace skep
