#include "../../gateways/src/upgrade.hpp"

#include <gtest/gtest.h>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace upgrade_test {

UpgradeRequest request(std::optional<std::string_view> origin = {}, std::string_view host = "localhost:8080") {
  UpgradeRequest request;
  request.method = "GET";
  request.target = "/ws?x=1";
  request.host = host;
  request.origin = origin;
  request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  request.version = "13";
  request.upgrade = true;
  return request;
}

unsigned status(const UpgradeRequest& request, const UpgradeRules& rules = {"/ws", {}, true}) {
  const auto refusal = check_upgrade(request, rules);
  return refusal ? refusal->status : 101;
}

TEST(UpgradeTest, AllowsClientsThatAreNoBrowsers) {
  EXPECT_EQ(status(request()), 101u);
}

TEST(UpgradeTest, AllowsOnlyPagesOfThisHostUnlessToldOthers) {
  EXPECT_EQ(status(request("http://localhost:8080")), 101u);
  EXPECT_EQ(status(request("http://localhost:8081")), 403u);
  EXPECT_EQ(status(request("http://localhost")), 403u);
  EXPECT_EQ(status(request("http://localhost:8080.evil.org")), 403u);
  EXPECT_EQ(status(request("null")), 403u);
  EXPECT_EQ(status(request("")), 403u);
}

/// RFC 9112, 3.2.2: what a proxy is asked.
TEST(UpgradeTest, AWholeAddressStandsInPlaceOfHost) {
  auto whole = request("http://localhost:8080", "localhost:9");
  EXPECT_EQ(status(whole), 403u);
  whole.target = "http://localhost:8080/ws?x=1";
  EXPECT_EQ(status(whole), 101u);
  whole.target = "ws://evil.example:8080/ws";
  EXPECT_EQ(status(whole), 403u) << "where the page does not come from";
  whole.origin = "http://evil.example:8080";
  EXPECT_EQ(status(whole), 403u) << "which is no name of this machine";
  whole.target = "http://localhost:8080/wsx";
  EXPECT_EQ(status(whole), 404u);
  whole.target = "http://localhost:8080/ws";
  whole.origin = {};
  whole.host = "";
  EXPECT_EQ(status(whole), 400u) << "Host stands there all the same";
}

/// A page that came without TLS may be anybody's between here and the browser.
TEST(UpgradeTest, WithTlsPagesOfThisHostCameWithTlsToo) {
  const UpgradeRules rules{"/ws", {}, true, true};
  EXPECT_EQ(status(request("https://localhost:8080"), rules), 101u);
  EXPECT_EQ(status(request("http://localhost:8080"), rules), 403u);
  EXPECT_EQ(status(request("https://localhost:8080")), 101u);  // a proxy may speak TLS for it
}

TEST(UpgradeTest, AnOriginIsWrittenAsBrowsersSendIt) {
  for (const auto* good : {"https://shop.example.org", "http://localhost:8080", "https://[::1]:8443", "null",
                           "chrome-extension://abc", "https://shop.example.org:80"})
    EXPECT_EQ(why_no_origin(good), "") << good;
  EXPECT_EQ(why_no_origin("*"), "it has a pattern; each origin is named");
  EXPECT_EQ(why_no_origin("https://*.example.org"), "it has a pattern; each origin is named");
  EXPECT_EQ(why_no_origin("shop.example.org"), "it has no scheme, as \"https://\"");
  EXPECT_EQ(why_no_origin("ftp:/x"), "it has no scheme, as \"https://\"");
  EXPECT_EQ(why_no_origin("://x"), "it has no scheme, as \"https://\"");
  EXPECT_EQ(why_no_origin("https://"), "it has no host");
  EXPECT_EQ(why_no_origin("https://shop.example.org/"), "behind its host and port there is more");
  EXPECT_EQ(why_no_origin("https://Shop.example.org"), "browsers write it in small letters");
  EXPECT_EQ(why_no_origin("https://shop.example.org:443"), "browsers leave out the port that its scheme has anyway");
  EXPECT_EQ(why_no_origin("http://shop.example.org:80"), "browsers leave out the port that its scheme has anyway");
}

TEST(UpgradeTest, TakesTheListOfOriginsToTheLetter) {
  const UpgradeRules rules{"/ws", {"https://example.org"}, true};
  EXPECT_EQ(status(request("https://example.org"), rules), 101u);
  EXPECT_EQ(status(request("https://example.org.evil.org"), rules), 403u);
  EXPECT_EQ(status(request("http://example.org"), rules), 403u);
  EXPECT_EQ(status(request("https://EXAMPLE.org"), rules), 403u);
  EXPECT_EQ(status(request("http://localhost:8080"), rules), 403u);
}

TEST(UpgradeTest, RefusesANameThatSomebodyElsePointsAtThisMachine) {
  EXPECT_EQ(status(request("http://evil.org:8080", "evil.org:8080")), 403u);
  EXPECT_EQ(status(request("http://evil.org:8080", "evil.org:8080"), {"/ws", {}, false}), 101u);
  EXPECT_EQ(status(request("http://127.0.0.1:8080", "127.0.0.1:8080")), 101u);
  EXPECT_EQ(status(request("http://[::1]:8080", "[::1]:8080")), 101u);
}

TEST(UpgradeTest, RefusesWhatIsNoUpgrade) {
  auto other_path = request();
  other_path.target = "/wsx";
  EXPECT_EQ(status(other_path), 404u);
  auto plain = request();
  plain.upgrade = false;
  EXPECT_EQ(status(plain), 426u);
  auto other_version = request();
  other_version.version = "8";
  EXPECT_EQ(status(other_version), 426u);
  auto post = request();
  post.method = "POST";
  EXPECT_EQ(status(post), 426u);
  auto with_body = request();
  with_body.has_body = true;
  EXPECT_EQ(status(with_body), 400u);
  auto twice = request();
  twice.repeats_fields = true;
  EXPECT_EQ(status(twice), 400u);
  for (const auto* key : {"", "x", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQQ=", "dGhlIHNhbXBs*SBub25jZQ=="}) {
    auto other_key = request();
    other_key.key = key;
    EXPECT_EQ(status(other_key), 400u) << key;
  }
  auto long_header = request();
  long_header.fields = limits::upgrade_header_fields_max;
  EXPECT_EQ(status(long_header), 101u);
  ++long_header.fields;
  EXPECT_EQ(status(long_header), 431u);
}

}  // namespace upgrade_test
}  // namespace skep
