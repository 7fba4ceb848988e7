#include "bench/driven_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/actors/option_literal.hpp"

namespace skep::bench {
namespace driven_gateway_test {

using ::testing::HasSubstr;

GatewaySpec gateway(const std::string& name, const std::string& type) {
  GatewaySpec spec;
  spec.name = name;
  spec.type = type;
  spec.answers = "last";
  spec.options = option_table({{"listen", "127.0.0.1:0"}});
  return spec;
}

SwarmSpec swarm(std::vector<GatewaySpec> gateways) {
  SwarmSpec spec;
  spec.gateways = std::move(gateways);
  return spec;
}

TEST(DrivenGatewayTest, IsTheOnlyOneThatAnswers) {
  auto one_way = gateway("in", "tcp");
  one_way.answers.clear();
  const auto chosen = choose_gateway(swarm({one_way, gateway("front", "tcp"), gateway("lines", "file")}), "").value();
  EXPECT_EQ(chosen.name, "front");
  EXPECT_EQ(chosen.target.protocol, LoadTarget::Protocol::tcp);
  EXPECT_EQ(chosen.target.framing, Framing::line);
}

TEST(DrivenGatewayTest, SpeaksAsItsOptionsSay) {
  auto lengths = gateway("lengths", "tcp");
  lengths.options = option_table({{"listen", "127.0.0.1:0"}, {"framing", "length"}});
  auto browser = gateway("browser", "websocket");
  browser.options = option_table({{"listen", "127.0.0.1:0"}, {"path", "/in"}});
  const auto spec = swarm({lengths, browser});
  EXPECT_EQ(choose_gateway(spec, "lengths")->target.framing, Framing::length);
  const auto target = choose_gateway(spec, "browser")->target;
  EXPECT_EQ(target.protocol, LoadTarget::Protocol::websocket);
  EXPECT_EQ(target.path, "/in");
}

TEST(DrivenGatewayTest, SaysWhyThereIsNone) {
  const auto problem = [](const SwarmSpec& spec, const std::string& name) {
    return choose_gateway(spec, name).error().message;
  };
  const auto two = swarm({gateway("front", "tcp"), gateway("back", "websocket")});
  EXPECT_THAT(problem(two, ""), HasSubstr("--gateway names it (known: front, back)"));
  EXPECT_THAT(problem(two, "frnt"), HasSubstr("no gateway 'frnt' (did you mean 'front'?)"));
  EXPECT_THAT(problem(swarm({}), ""), HasSubstr("no gateway can be driven"));
  EXPECT_THAT(problem(swarm({}), "x"), HasSubstr("no gateway 'x'"));
  auto calls = gateway("calls", "tcp");
  calls.options = option_table({{"connect", "127.0.0.1:1"}});
  auto mute = gateway("mute", "tcp");
  mute.answers.clear();
  auto tls = gateway("tls", "tcp"), tokens = tls;
  tls.options = option_table({{"listen", "127.0.0.1:1"}, {"tls_certificate", "cert.pem"}});
  tokens.name = "tokens";
  tokens.options = option_table({{"listen", "127.0.0.1:1"}, {"tokens", "x"}});
  const auto others = swarm({calls, mute, gateway("lines", "file"), tls, tokens});
  EXPECT_THAT(problem(others, "tls"), HasSubstr("has TLS, and there is no --tls-authorities: it cannot be driven"));
  const auto* no_token = "asks for tokens, and there is no --token-file: it cannot be driven";
  EXPECT_THAT(problem(others, "tokens"), HasSubstr(no_token));
  const LoadAccess access{LoadTls{"ca.pem"}, "secret"};
  for (const auto* name : {"tls", "tokens"})
    EXPECT_EQ(choose_gateway(others, name, access)->target.access.token, "secret");
  EXPECT_THAT(choose_gateway(others, "", access).error().message, HasSubstr("known: tls, tokens"));
  tokens.options = option_table({{"listen", "127.0.0.1:1"}, {"tokens_file", "x"}});
  EXPECT_THAT(problem(swarm({tokens}), "tokens"), HasSubstr(no_token));
  EXPECT_THAT(problem(others, "calls"), HasSubstr("does not listen"));
  EXPECT_THAT(problem(others, "mute"), HasSubstr("answers nobody"));
  EXPECT_THAT(problem(others, "lines"), HasSubstr("is of type 'file'"));
}

TEST(DrivenGatewayTest, AnyAddressIsReachedOnThisMachine) {
  EXPECT_EQ(reachable({"0.0.0.0", 80}).host, "127.0.0.1");
  EXPECT_EQ(reachable({"::", 80}).host, "::1");
  EXPECT_EQ(reachable({"10.0.0.1", 80}).host, "10.0.0.1");
}

}  // namespace driven_gateway_test
}  // namespace skep::bench
