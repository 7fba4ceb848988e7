// Options as lint sees them: every problem, each with its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/option_values.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace gateway_options_test {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> problems(const char* type, const OptionValue& options) {
  GatewayRegistry registry;
  add_gateways(registry);
  std::vector<std::string> texts;
  for (const auto& problem : registry.find(type)->configure(options, {3, 1}).problems) {
    texts.push_back(std::to_string(problem.position.line) + ": " + problem.message);
  }
  return texts;
}

TEST(GatewayOptionsTest, KnowsItsTypes) {
  GatewayRegistry registry;
  add_gateways(registry);
  EXPECT_THAT(registry.types(), ElementsAre("file", "tcp", "websocket"));
  EXPECT_EQ(registry.find("udp"), nullptr);
}

/// The default of an option as a file would write it.
std::string default_of(const char* type, std::string_view name) {
  GatewayRegistry registry;
  add_gateways(registry);
  for (const auto& option : registry.find(type)->description.options) {
    if (option.name == name) return option.default_value;
  }
  return "no such option";
}

TEST(GatewayOptionsTest, DocumentsEveryOption) {
  GatewayRegistry registry;
  add_gateways(registry);
  for (const auto& type : registry.types()) {
    for (const auto& option : registry.find(type)->description.options) {
      EXPECT_FALSE(option.doc.empty()) << type << "." << option.name;
    }
  }
}

TEST(GatewayOptionsTest, DefaultsToTheLimits) {
  const auto bytes = [](std::size_t count) { return "\"" + to_string(ByteSize{count}) + "\""; };
  const auto time = [](std::chrono::nanoseconds duration) { return "\"" + to_string(duration) + "\""; };
  EXPECT_EQ(default_of("tcp", "threads"), "1");
  EXPECT_EQ(default_of("tcp", "sessions_max"), std::to_string(limits::gateway_sessions_max));
  EXPECT_EQ(default_of("tcp", "requests_max"), std::to_string(limits::gateway_requests_max));
  EXPECT_EQ(default_of("tcp", "session_requests_max"), std::to_string(limits::session_requests_max));
  EXPECT_EQ(default_of("tcp", "deadline"), time(limits::request_deadline));
  EXPECT_EQ(default_of("tcp", "idle_max"), time(limits::session_idle_max));
  EXPECT_EQ(default_of("tcp", "frame_time_max"), time(limits::frame_time_max));
  EXPECT_EQ(default_of("tcp", "tls_handshake_time_max"), time(limits::tls_handshake_time_max));
  EXPECT_EQ(default_of("tcp", "newcomers_max"), std::to_string(limits::gateway_newcomers_max));
  EXPECT_EQ(default_of("tcp", "token_time_max"), time(limits::token_time_max));
  EXPECT_EQ(default_of("tcp", "address_sessions_max"), std::to_string(limits::address_sessions_max));
  EXPECT_EQ(default_of("tcp", "address_rate"), std::to_string(limits::address_rate));
  EXPECT_EQ(default_of("tcp", "address_burst"), std::to_string(limits::address_burst));
  EXPECT_EQ(default_of("tcp", "wrong_tokens_max"), std::to_string(limits::wrong_tokens_max));
  EXPECT_EQ(default_of("tcp", "write_stall_max"), time(limits::write_stall_max));
  EXPECT_EQ(default_of("tcp", "drain_time_max"), time(limits::drain_time_max));
  EXPECT_EQ(default_of("tcp", "close_time_max"), time(limits::close_time_max));
  EXPECT_EQ(default_of("tcp", "connect_time_max"), time(limits::connect_time_max));
  EXPECT_EQ(default_of("tcp", "connect_delay_min"), time(limits::connect_delay_min));
  EXPECT_EQ(default_of("tcp", "connect_delay_max"), time(limits::connect_delay_max));
  EXPECT_EQ(default_of("tcp", "write_bytes_max"), bytes(limits::session_write_bytes_max));
  EXPECT_EQ(default_of("tcp", "reply_bytes_max"), bytes(limits::reply_bytes_max));
  EXPECT_EQ(default_of("tcp", "frame_bytes_max"), bytes(limits::frame_bytes_max));
  EXPECT_EQ(default_of("websocket", "message_bytes_max"), bytes(limits::websocket_message_bytes_max));
  EXPECT_EQ(default_of("websocket", "ping_interval"), time(limits::websocket_ping_interval));
  EXPECT_EQ(default_of("websocket", "upgrade_time_max"), time(limits::upgrade_time_max));
}

TEST(GatewayOptionsTest, NeedsEitherListenOrConnect) {
  EXPECT_THAT(problems("tcp", table({})), ElementsAre("3: a tcp gateway needs either `listen` or `connect`"));
  const auto both = table({{"listen", option("127.0.0.1:1")}, {"connect", option("127.0.0.1:2")}});
  EXPECT_THAT(problems("tcp", both), ElementsAre("11: a tcp gateway needs either `listen` or `connect`"));
  EXPECT_THAT(problems("websocket", table({})), ElementsAre("3: a websocket gateway needs `listen`"));
}

TEST(GatewayOptionsTest, ChecksAddresses) {
  for (const auto* bad : {"nope", "127.0.0.1:", "127.0.0.1:65536", ":80", "::1:80", "127.0.0.1:-1", "127.0.0.1:8o"}) {
    EXPECT_THAT(problems("tcp", table({{"listen", option(bad)}})), ElementsAre(HasSubstr("is not an address"))) << bad;
  }
  EXPECT_THAT(problems("tcp", table({{"listen", option("[::1]:80")}})), IsEmpty());
}

TEST(GatewayOptionsTest, ListensBeyondThisMachineOnlyWhenAskedTo) {
  const auto open = table({{"listen", option("0.0.0.0:9000")}});
  EXPECT_THAT(problems("tcp", open), ElementsAre(HasSubstr("lets other machines in")));
  EXPECT_THAT(problems("tcp", with(open, "public", option(true))), IsEmpty());
}

TEST(GatewayOptionsTest, WithTlsItListensBeyondThisMachine) {
  const auto open = table({{"listen", option("0.0.0.0:9000")},
                           {"tls_certificate", option("of another machine/cert.pem")},
                           {"tls_key", option("of another machine/key.pem")}});
  for (const auto* type : {"tcp", "websocket"}) {
    EXPECT_THAT(problems(type, open), IsEmpty());
    EXPECT_THAT(problems(type, with(open, "tls_client_authorities", option("ca.pem"))), IsEmpty());
  }
}

TEST(GatewayOptionsTest, ReportsHalfOfTls) {
  const auto listens = table({{"listen", option("127.0.0.1:0")}});
  EXPECT_THAT(problems("tcp", with(listens, "tls_certificate", option("a"))),
              ElementsAre(HasSubstr("'tls_certificate' needs 'tls_key'")));
  EXPECT_THAT(problems("tcp", with(listens, "tls_key", option("a"))),
              ElementsAre(HasSubstr("'tls_key' needs 'tls_certificate'")));
  EXPECT_THAT(problems("tcp", with(listens, "tls_client_authorities", option("a"))),
              ElementsAre(HasSubstr("'tls_client_authorities' needs 'tls_certificate'")));
  EXPECT_THAT(problems("tcp", with(listens, "tls_oldest", option("1.3"))),
              ElementsAre(HasSubstr("'tls_oldest' needs 'tls_certificate'")));
  EXPECT_THAT(problems("tcp", with(with(listens, "tls_certificate", option("")), "tls_key", option("a"))),
              ElementsAre(HasSubstr("'tls_certificate' is empty")));
  EXPECT_THAT(problems("tcp", with(listens, "tls_oldest", option("1.1"))), ::testing::Not(IsEmpty()));
}

TEST(GatewayOptionsTest, TlsOfAGatewayThatConnectsNeedsAuthoritiesAndWhatBelongsTogether) {
  const auto plain = table({{"connect", option("shop.example.org:1")}});
  const auto connects = with(plain, "tls_authorities", option("of another machine/ca.pem"));
  const auto shows = with(with(connects, "tls_certificate", option("a")), "tls_key", option("b"));
  EXPECT_THAT(problems("tcp", connects), IsEmpty());
  EXPECT_THAT(problems("tcp", with(with(shows, "tls_name", option("10.0.0.9")), "tls_oldest", option("1.3"))),
              IsEmpty());
  EXPECT_THAT(problems("tcp", with(connects, "tls_certificate", option("a"))),
              ElementsAre(HasSubstr("'tls_certificate' needs 'tls_key'")));
  EXPECT_THAT(problems("tcp", with(connects, "tls_key", option("a"))),
              ElementsAre(HasSubstr("'tls_key' needs 'tls_certificate'")));
  EXPECT_THAT(problems("tcp", with(plain, "tls_authorities", option(""))),
              ElementsAre(HasSubstr("'tls_authorities' is empty")));
  EXPECT_THAT(problems("tcp", with(connects, "tls_name", option(""))), ElementsAre(HasSubstr("'tls_name' is empty")));
  EXPECT_THAT(problems("tcp", with(connects, "tls_name", option("https://shop"))),
              ElementsAre(HasSubstr("'https://shop' is no name that a certificate could be for")));
  EXPECT_THAT(problems("tcp", with(connects, "connect", option("a_b:1"))),
              ElementsAre(HasSubstr("'a_b' is no name that a certificate could be for")));
  EXPECT_THAT(problems("websocket", with(connects, "listen", option("127.0.0.1:0"))), ::testing::Not(IsEmpty()));
}

TEST(GatewayOptionsTest, AnOriginThatNoBrowserSendsIsReportedWhereItStands) {
  auto origins = list("https://a.example", "https://b.example/");
  auto& wrong = std::get<OptionValue::Array>(origins.value)[1];
  wrong.position = {7, 9};
  const auto listens = table({{"listen", option("127.0.0.1:0")}});
  EXPECT_THAT(problems("websocket", with(listens, "origins", origins)),
              ElementsAre("7: 'origins': \"https://b.example/\" is no origin: behind its host and port there is more"));
}

/// Who sets them expects that they do something.
TEST(GatewayOptionsTest, ReportsOptionsThatWouldDoNothing) {
  const auto listens = table({{"listen", option("127.0.0.1:0")}});
  const auto connects = table({{"connect", option("127.0.0.1:1")}});
  struct Row {
    const OptionValue& table;
    const char* name;
    OptionValue value;
    const char* needs;
  };
  for (const auto& [table, name, value, needs] :
       {Row{listens, "tls_handshake_time_max", option("1s"), "'tls_certificate'"},
        Row{listens, "newcomers_max", option(8), "'tls_certificate' or 'tokens'"},
        Row{listens, "tls_authorities", option("a"), "'connect'"}, Row{listens, "tls_name", option("a"), "'connect'"},
        Row{connects, "tls_client_authorities", option("a"), "'listen'"},
        Row{connects, "tls_name", option("a"), "'tls_authorities'"},
        Row{connects, "tls_oldest", option("1.3"), "'tls_authorities'"},
        Row{connects, "tls_handshake_time_max", option("1s"), "'tls_authorities'"},
        Row{connects, "newcomers_max", option(8), "'listen'"},
        Row{listens, "token_time_max", option("1s"), "'tokens' or 'tokens_file'"},
        Row{listens, "wrong_tokens_max", option(8), "'tokens' or 'tokens_file'"},
        Row{connects, "threads", option(1), "'listen'"}, Row{connects, "public", option(true), "'listen'"},
        Row{connects, "address_sessions_max", option(8), "'listen'"},
        Row{connects, "address_rate", option(8), "'listen'"}, Row{connects, "address_burst", option(8), "'listen'"}}) {
    EXPECT_THAT(problems("tcp", with(table, name, value)),
                ElementsAre(HasSubstr("'" + std::string(name) + "' needs " + needs)))
        << name;
  }
}

TEST(GatewayOptionsTest, TokensStandThereAsTheirHashes) {
  const auto listens = table({{"listen", option("127.0.0.1:0")}});
  const auto hash = "sha256:" + std::string(64, '0');
  EXPECT_THAT(problems("tcp", with(listens, "tokens", list(hash))), IsEmpty());
  EXPECT_THAT(problems("websocket", with(listens, "tokens", list(hash, hash))), IsEmpty());
  EXPECT_THAT(problems("tcp", with(listens, "tokens", list("secret"))),
              ElementsAre(::testing::AllOf(HasSubstr("a token stands there as its hash"),
                                           ::testing::Not(HasSubstr("secret")))));
  EXPECT_THAT(problems("tcp", with(listens, "tokens", list("billing " + hash))), IsEmpty());
  EXPECT_THAT(problems("tcp", with(listens, "tokens_file", option("no-such-file"))), IsEmpty());
  EXPECT_THAT(problems("tcp", with(with(listens, "tokens_file", option("a")), "newcomers_max", option(8))), IsEmpty());
  EXPECT_THAT(problems("tcp", with(listens, "tokens_file", option(""))),
              ElementsAre(HasSubstr("'tokens_file' is empty")));
  EXPECT_THAT(problems("tcp", table({{"connect", option("127.0.0.1:1")}, {"tokens_file", option("a")}})),
              ElementsAre(HasSubstr("'tokens_file' is for gateways that listen")));
  EXPECT_THAT(problems("tcp", with(listens, "tokens", list())), ElementsAre(HasSubstr("nobody could come in")));
  const auto connects = table({{"connect", option("127.0.0.1:1")}, {"tokens", list(hash)}});
  EXPECT_THAT(problems("tcp", connects), ElementsAre(HasSubstr("'tokens' is for gateways that listen")));
}

TEST(GatewayOptionsTest, EachOfItsThreadsNeedsAPartOfItsLimits) {
  const auto listens = table({{"listen", option("127.0.0.1:0")}});
  const auto spread = with(listens, "threads", option(4));
  for (const auto* type : {"tcp", "websocket"}) {
    EXPECT_THAT(problems(type, spread), IsEmpty());
    for (const auto* limit : {"sessions_max", "requests_max"}) {
      EXPECT_THAT(problems(type, with(spread, limit, option(4))), IsEmpty());
      EXPECT_THAT(problems(type, with(spread, limit, option(3))), ElementsAre(HasSubstr("cannot be divided among 4")));
    }
    const auto most = static_cast<int>(limits::io_threads_max);
    EXPECT_THAT(problems(type, with(listens, "threads", option(most))), IsEmpty());
    EXPECT_THAT(problems(type, with(listens, "threads", option(most + 1))), ElementsAre(HasSubstr("'threads'")));
  }
}

TEST(GatewayOptionsTest, ReportsWhatDoesNotFitTogether) {
  const auto tensors = table({{"listen", option("127.0.0.1:0")}, {"content", option("tensor")}});
  EXPECT_THAT(problems("tcp", tensors), ElementsAre(HasSubstr("do not fit lines")));
  const auto key = table({{"listen", option("127.0.0.1:0")}, {"key", option("$.u")}, {"content", option("raw")}});
  EXPECT_THAT(problems("tcp", key), ElementsAre(HasSubstr("only where `content` is \"json\"")));
  const auto path = table({{"listen", option("127.0.0.1:0")}, {"key", option("user")}});
  EXPECT_THAT(problems("tcp", path), ElementsAre(HasSubstr("11: 'key' is \"session\" or a JSON path")));
}

TEST(GatewayOptionsTest, ReportsAFileThatIsReadAndWritten) {
  const auto files = [](const char* path, const char* output) {
    return problems("file", table({{"path", option(path)}, {"output", option(output)}}));
  };
  EXPECT_THAT(files("in", "in"), ElementsAre(HasSubstr("11: 'output' is the file that is read")));
  EXPECT_THAT(files("a/../in", "./in"), ElementsAre(HasSubstr("'output' is the file that is read")));
  EXPECT_THAT(files("in", "out"), IsEmpty());
  EXPECT_THAT(files("-", "-"), IsEmpty());
}

TEST(GatewayOptionsTest, AFileHasAName) {
  EXPECT_THAT(problems("file", table({{"path", option("")}})), ElementsAre(HasSubstr("'path' is empty")));
}

TEST(GatewayOptionsTest, ReportsWhatDoesNotFitTogetherBesideWhatIsWrongAlone) {
  EXPECT_THAT(problems("tcp", table({{"listen", option("0.0.0.0:9000")}, {"deadline", option(5)}})),
              ElementsAre(HasSubstr("11: option 'deadline'"), HasSubstr("10: listening on 0.0.0.0:9000")));
  EXPECT_THAT(problems("tcp", table({{"listen", option(9000)}})), ElementsAre(HasSubstr("option 'listen'")));
}

TEST(GatewayOptionsTest, ReportsUnknownOptionsAndValuesAllAtOnce) {
  const auto wrong = table({{"lisen", option("127.0.0.1:0")}, {"framing", option("xml")}, {"deadline", option("-1s")}});
  EXPECT_EQ(problems("tcp", wrong).size(), 3u);
}

}  // namespace gateway_options_test
}  // namespace skep
