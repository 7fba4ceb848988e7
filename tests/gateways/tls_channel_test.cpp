#include "net/tls_channel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <optional>
#include <random>

#include "gateways/tls_record.hpp"
#include "skep/gateways/limits.hpp"
#include "support/test_certificates.hpp"

namespace skep {
namespace tls_channel_test {

using test::Authority;
using test::CertificatePlan;
using State = TlsChannel::State;
using End = TlsChannel::End;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Hands all that `from` has to send over, in pieces of at most so many bytes; returns what `to` read of it.
std::string carry(TlsChannel& from, TlsChannel& to, std::size_t piece = std::string::npos) {
  std::string all, data;
  all.swap(from.output());
  std::array<std::byte, 1000> room;
  for (std::size_t at = 0; at < all.size(); at += std::min(piece, all.size())) {
    to.feed(bytes_of(std::string_view(all).substr(at, piece)));
    while (const auto count = to.read(room)) data.append(reinterpret_cast<const char*>(room.data()), count);
  }
  return data;
}

void shake(TlsChannel& client, TlsChannel& server) {
  for (int i = 0; i < 4; ++i) {
    carry(client, server);
    carry(server, client);
  }
}

class TlsChannelTest : public ::testing::Test {
 protected:
  /// What is not checked when it is made: a peer may have anything.
  TlsContextPtr context(const std::string& name = "a", std::set<std::string> denied = {}, long serial = 7) const {
    const auto made = authority_.issue({.names = "URI:skep://demo/node/" + name, .serial = serial});
    return TlsContext::make({authority_.pem(), made.certificate, made.key, std::move(denied)}, certificate_now())
        .value();
  }

  Authority authority_;
};

TEST_F(TlsChannelTest, JoinsTwoNodesThatKnowEachOther) {
  TlsChannel client(context("a"), End::client, "b"), server(context("b"), End::server);
  shake(client, server);
  ASSERT_EQ(client.state(), State::established) << client.why();
  ASSERT_EQ(server.state(), State::established) << server.why();
  EXPECT_EQ(client.peer().identity->name, "b");
  EXPECT_EQ(server.peer().identity->name, "a");
  client.write(bytes_of("hello"));
  server.write(bytes_of("world"));
  EXPECT_EQ(carry(client, server), "hello");
  EXPECT_EQ(carry(server, client), "world");
  EXPECT_EQ(client.output().size() + server.output().size(), 0u) << "no tickets";
}

TEST_F(TlsChannelTest, EveryCutOfTheStreamGivesTheSame) {
  const auto one = context("a"), other = context("b");
  for (const std::size_t piece : {1u, 2u, 3u, 5u, 7u, 64u, 1000u}) {
    TlsChannel client(one, End::client), server(other, End::server);
    for (int i = 0; i < 4; ++i) {
      carry(client, server, piece);
      carry(server, client, piece);
    }
    ASSERT_EQ(server.state(), State::established) << server.why();
    std::string long_text;
    for (int i = 0; i < 5000; ++i) long_text += std::to_string(i);
    client.write(bytes_of(long_text));
    client.write(bytes_of("end"));
    EXPECT_EQ(carry(client, server, piece), long_text + "end") << piece;
  }
}

TEST_F(TlsChannelTest, AnOrderlyEndIsToldApart) {
  TlsChannel client(context("a"), End::client), server(context("b"), End::server);
  shake(client, server);
  client.write(bytes_of("last"));
  client.finish();
  EXPECT_EQ(carry(client, server), "last");
  EXPECT_EQ(server.state(), State::closed);
  EXPECT_EQ(server.why(), "");
  client.end();
  EXPECT_EQ(client.state(), State::closed);
  EXPECT_EQ(client.why(), "the connection has ended without a word");
}

TEST_F(TlsChannelTest, AnEndInTheMidstOfTheHandshakeIsOne) {
  TlsChannel client(context("a"), End::client), server(context("b"), End::server);
  const auto hello = client.output();
  server.feed(bytes_of(std::string_view(hello).substr(0, hello.size() / 2)));
  EXPECT_EQ(server.state(), State::handshaking);
  server.end();
  EXPECT_EQ(server.state(), State::closed);
  EXPECT_EQ(server.why(), "the connection has ended without a word");
}

TEST_F(TlsChannelTest, DataThatWasChangedOnTheWayEndsIt) {
  TlsChannel client(context("a"), End::client), server(context("b"), End::server);
  shake(client, server);
  client.write(bytes_of("hello"));
  client.output().back() = static_cast<char>(client.output().back() ^ 1);
  EXPECT_EQ(carry(client, server), "");
  EXPECT_EQ(server.state(), State::closed);
  EXPECT_EQ(server.why().rfind("it breaks the rules of TLS", 0), 0u) << server.why();
}

/// A peer that makes its own rules, with OpenSSL alone.
class RawPeer {
 public:
  RawPeer(const std::optional<test::Credential>& credential, bool client, int version_max = TLS1_3_VERSION,
          const std::string& chain = "")
      : context_(SSL_CTX_new(TLS_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    if (credential) {
      SSL_CTX_use_certificate(context_.get(), certificate_from_pem(credential->certificate).get());
      SSL_CTX_use_PrivateKey(context_.get(), key_from_pem(credential->key).get());
    }
    if (!chain.empty()) {
      for (int i = 0; i < 20; ++i) SSL_CTX_add0_chain_cert(context_.get(), certificate_from_pem(chain).release());
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    client ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
  }

  /// Shakes hands with `channel`, as far as that goes.
  void shake(TlsChannel& channel) {
    std::array<std::byte, 1000> room;
    for (int i = 0; i < 6; ++i) {
      BIO_write(SSL_get_rbio(ssl_.get()), channel.output().data(), static_cast<int>(channel.output().size()));
      channel.output().clear();
      clear_errors();
      SSL_do_handshake(ssl_.get());
      clear_errors();
      send(channel);
      while (channel.read(room) != 0) {
      }
    }
  }
  void send(TlsChannel& channel) {
    std::string bytes(1u << 20, '\0');
    const int size = BIO_read(SSL_get_wbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    if (size <= 0) return;
    std::array<std::byte, 1000> room;
    channel.feed(bytes_of(std::string_view(bytes).substr(0, static_cast<std::size_t>(size))));
    while (channel.read(room) != 0) {
    }
  }
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }

 private:
  SslContextPtr context_;
  SslPtr ssl_;
};

/// Wrong peers, each beside a healthy pair that goes on in the same thread: OpenSSL's queue of errors is shared.
class TlsChannelPeerTest : public TlsChannelTest {
 protected:
  TlsChannelPeerTest() { shake(client_, server_); }

  void expect_healthy() {
    client_.write(bytes_of("ping"));
    EXPECT_EQ(carry(client_, server_), "ping");
    server_.write(bytes_of("pong"));
    EXPECT_EQ(carry(server_, client_), "pong");
  }
  /// Why this node does not let it in: as a client, then as a server that it has dialled.
  void expect_refused(const std::optional<test::Credential>& credential, const std::string& why,
                      const std::string& why_as_server = "same") {
    TlsChannel accepting(context("b", {"0d"}), End::server);
    RawPeer(credential, true).shake(accepting);
    EXPECT_EQ(accepting.state(), State::closed);
    EXPECT_EQ(accepting.why(), why);
    expect_healthy();
    if (!credential) return;
    TlsChannel dialling(context("b", {"0d"}), End::client, "a");
    RawPeer(credential, false).shake(dialling);
    EXPECT_EQ(dialling.state(), State::closed);
    EXPECT_EQ(dialling.why(), why_as_server == "same" ? why : why_as_server);
    expect_healthy();
  }

  TlsChannel client_{context("a"), End::client}, server_{context("b"), End::server};
};

TEST_F(TlsChannelPeerTest, ARightOneIsLetIn) {
  TlsChannel accepting(context("b"), End::server);
  RawPeer(authority_.issue(), true).shake(accepting);
  EXPECT_EQ(accepting.state(), State::established) << accepting.why();
  TlsChannel dialling(context("b"), End::client, "a");
  RawPeer(authority_.issue(), false).shake(dialling);
  EXPECT_EQ(dialling.state(), State::established) << dialling.why();
}

TEST_F(TlsChannelPeerTest, WrongCertificatesAreRefusedWithTheReason) {
  using std::chrono::seconds;
  const std::string foreign = "its certificate is signed by none of the authorities that are trusted";
  expect_refused(std::nullopt, "it has no certificate");
  expect_refused(Authority::self_signed(), foreign);
  expect_refused(Authority().issue(), foreign);
  expect_refused(authority_.issue({.to = seconds(-60)}), "its certificate has expired");
  expect_refused(authority_.issue({.from = seconds(60)}), "its certificate is not valid yet");
  expect_refused(authority_.issue({.names = "URI:skep://other/node/a"}),
                 "its certificate is of cluster other, not demo");
  expect_refused(authority_.issue({.names = "URI:skep://demo/admin/a"}),
                 "its certificate is that of an admin, not of a node");
  expect_refused(authority_.issue({.serial = 13}), "its certificate is revoked (a, serial 0d)");
  expect_refused(authority_.issue({.names = "URI:skep://demo/node/a,URI:skep://demo/node/b"}),
                 "its certificate: it has two URIs");
  expect_refused(authority_.issue({.names = "DNS:a"}), "its certificate: it has no URI");
  expect_refused(authority_.issue({.names = ""}),
                 "its certificate: it has no alternative names: it is not one of Skep");
  expect_refused(authority_.issue({.rsa_bits = 1024}), "its certificate has a key that is too weak");
  expect_refused(authority_.itself(), "its certificate is not for this use");
}

TEST_F(TlsChannelPeerTest, ANodeIsForBothEndsAndSaysSo) {
  expect_refused(authority_.issue({.usage = ""}),
                 "its certificate: it lacks the extendedKeyUsage of a node: clientAuth and serverAuth");
  expect_refused(authority_.issue({.usage = "clientAuth"}),
                 "its certificate: it lacks the extendedKeyUsage of a node: clientAuth and serverAuth",
                 "its certificate is not for this use");
  expect_refused(authority_.issue({.usage = "serverAuth"}), "its certificate is not for this use",
                 "its certificate: it lacks the extendedKeyUsage of a node: clientAuth and serverAuth");
}

TEST_F(TlsChannelPeerTest, TheNodeThatWasDialledMustAnswer) {
  TlsChannel dialling(context("b"), End::client, "c");
  RawPeer(authority_.issue(), false).shake(dialling);
  EXPECT_EQ(dialling.why(), "its certificate is that of node a, not c");
  expect_healthy();
}

TEST_F(TlsChannelPeerTest, OlderVersionsAreNotSpoken) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    TlsChannel accepting(context("b"), End::server);
    RawPeer(authority_.issue(), true, version).shake(accepting);
    EXPECT_EQ(accepting.why(), "it does not offer TLS 1.3") << version;
    TlsChannel dialling(context("b"), End::client, "a");
    RawPeer(authority_.issue(), false, version).shake(dialling);
    EXPECT_EQ(dialling.state(), State::closed) << version;
    EXPECT_FALSE(dialling.why().empty());
    expect_healthy();
  }
}

TEST_F(TlsChannelPeerTest, AChainOfTwentyHelpsNobody) {
  TlsChannel accepting(context("b"), End::server);
  RawPeer(Authority().issue(), true, TLS1_3_VERSION, Authority().pem()).shake(accepting);
  EXPECT_EQ(accepting.state(), State::closed);
  EXPECT_EQ(accepting.why(), "its certificate is signed by none of the authorities that are trusted");
  expect_healthy();
}

TEST_F(TlsChannelPeerTest, WhatIsNoTlsIsSaidToBeNone) {
  const auto why = [&](std::string_view bytes) {
    TlsChannel accepting(context("b"), End::server);
    accepting.feed(bytes_of(bytes));
    expect_healthy();
    return accepting.state() == State::closed ? accepting.why() : "it is waited for";
  };
  EXPECT_EQ(why("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "it speaks HTTP, not TLS");
  EXPECT_EQ(why("CONNECT a:1 HTTP/1.1\r\n\r\n"), "it speaks HTTP, not TLS");
  EXPECT_EQ(why("SSH-2.0-OpenSSH_9.2\r\n"), "it does not speak TLS");
  EXPECT_EQ(why(std::string(100, '\xff')), "it does not speak TLS");
  EXPECT_EQ(why(std::string("\x16\x03\x01\xff\xff", 5)).rfind("it breaks the rules of TLS", 0), 0u);
  // A hello of 16 MiB: refused once its record is whole, long before.
  const auto record = std::string("\x16\x03\x01\x40\x00\x01\xff\xff\xff", 9) + std::string(16380, 'x');
  EXPECT_EQ(why(record).rfind("it breaks the rules of TLS", 0), 0u) << why(record);
}

TEST_F(TlsChannelPeerTest, RandomBytesAndSpoiltHellosAreRefused) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto one = context("b");
  for (int round = 0; round < 200; ++round) {
    TlsChannel client(one, End::client), accepting(one, End::server);
    auto hello = client.output();
    for (int i = 0; i < 1 + round % 4; ++i) hello[random() % hello.size()] = static_cast<char>(random());
    hello.resize(1 + random() % hello.size());
    accepting.feed(bytes_of(hello));
    EXPECT_NE(accepting.state(), State::established);
    if (round % 20 == 0) expect_healthy();
  }
}

TEST_F(TlsChannelPeerTest, AHandshakeHasASize) {
  TlsChannel accepting(context("b"), End::server);
  // Records that may stand there for ever: TLS 1.3 lets a peer send this one beside its hello (RFC 8446, 5).
  const std::string change_cipher("\x14\x03\x03\x00\x01\x01", 6);
  TlsChannel client(context("a"), End::client);
  accepting.feed(bytes_of(client.output()));
  std::size_t sent = 0;
  while (accepting.state() == State::handshaking && sent < 2 * limits::tls_handshake_bytes_max) {
    accepting.feed(bytes_of(change_cipher));
    sent += change_cipher.size();
  }
  EXPECT_EQ(accepting.state(), State::closed) << accepting.why();
  EXPECT_LE(sent, limits::tls_handshake_bytes_max + change_cipher.size());
  expect_healthy();
}

TEST_F(TlsChannelPeerTest, AFloodOfKeyUpdatesEndsItAndAFewDoNot) {
  TlsChannel accepting(context("b"), End::server);
  RawPeer peer(authority_.issue(), true);
  peer.shake(accepting);
  ASSERT_EQ(accepting.state(), State::established);
  const auto update = [&](std::uint32_t times) {
    for (std::uint32_t i = 0; i < times && accepting.state() == State::established; ++i) {
      SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
      SSL_do_handshake(peer.ssl());
      peer.send(accepting);
    }
  };
  for (int i = 0; i < 3; ++i) {
    update(limits::tls_messages_between_data_max);
    EXPECT_EQ(accepting.state(), State::established) << accepting.why();
    SSL_write(peer.ssl(), "x", 1);
    peer.send(accepting);
  }
  update(limits::tls_messages_between_data_max + 1);
  EXPECT_EQ(accepting.state(), State::closed);
  EXPECT_EQ(accepting.why(), "it sends messages of TLS and no data");
  expect_healthy();
}

TEST_F(TlsChannelPeerTest, AMessageThatIsLeftUnfinishedEndsItOnceThereIsSomethingToSay) {
  TlsChannel accepting(context("b"), End::server);
  std::string secret;
  RawPeer peer(authority_.issue(), true);
  skep::testing::tell_secret(*SSL_get_SSL_CTX(peer.ssl()), secret);
  peer.shake(accepting);
  ASSERT_EQ(accepting.state(), State::established);
  const auto record = skep::testing::unfinished_message(secret, 0);
  accepting.feed(bytes_of(record));
  std::array<std::byte, 100> room;
  EXPECT_EQ(accepting.read(room), 0u);
  ASSERT_EQ(accepting.state(), State::established);
  accepting.write(bytes_of("x"));
  EXPECT_EQ(accepting.state(), State::closed);
  EXPECT_EQ(accepting.why(), "it has left a message of TLS unfinished");
  expect_healthy();
}

TEST_F(TlsChannelPeerTest, ItsOwnRefusalIsToldToTheOtherSide) {
  TlsChannel client(context("a"), End::client, "c"), server(context("b"), End::server);
  shake(client, server);
  EXPECT_EQ(client.why(), "its certificate is that of node b, not c");
  EXPECT_EQ(server.state(), State::closed);
  EXPECT_EQ(server.why().rfind("it has refused this node", 0), 0u) << server.why();
}

TEST_F(TlsChannelPeerTest, WhoIsRevokedHearsThat) {
  TlsChannel client(context("a", {}, 13), End::client, "b"), server(context("b", {"0d"}), End::server);
  shake(client, server);
  EXPECT_EQ(server.why(), "its certificate is revoked (a, serial 0d)");
  EXPECT_EQ(client.why(),
            "it has refused this node: the certificate it was shown is revoked (sslv3 alert certificate revoked)");
}

}  // namespace tls_channel_test
}  // namespace skep
