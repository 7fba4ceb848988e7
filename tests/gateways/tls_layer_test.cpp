#include "net/tls_layer.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/error.hpp>
#include <cstring>

#include "gateways/tls_setup.hpp"
#include "net/stream_tls.hpp"

namespace skep {
namespace tls_layer_test {

using namespace testing;
using boost::asio::const_buffer;
using boost::asio::error::would_block;
using Failed = boost::system::error_code;

/// Over a pair of sockets that take little; the client is OpenSSL with its bytes in memory.
class TlsLayerTest : public ::testing::Test {
 protected:
  TlsLayerTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
    const int small = 8 << 10;
    ::setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    const auto now = certificate_now();
    layer_.emplace(StreamTls::read({files_.path("cert.pem"), files_.path("key.pem")}, now).value()->make_ssl(),
                   ends_[0]);
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }
  ~TlsLayerTest() override {
    for (const int end : ends_) ::close(end);
  }

  /// What the client has to send goes, and what has come for it is taken.
  void exchange() {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &bytes);
    EXPECT_EQ(::send(ends_[1], bytes, static_cast<std::size_t>(size), MSG_DONTWAIT), size);
    (void)BIO_reset(SSL_get_wbio(ssl_.get()));
    char room[4096];
    const auto got = ::recv(ends_[1], room, sizeof room, MSG_DONTWAIT);
    if (got > 0) BIO_write(SSL_get_rbio(ssl_.get()), room, static_cast<int>(got));
  }
  void shake() {
    auto state = TlsLayer::Shake::wants_input;
    for (int i = 0; i < 100 && state != TlsLayer::Shake::done; ++i) {
      SSL_do_handshake(ssl_.get());
      exchange();
      state = layer_->shake();
    }
    ASSERT_EQ(state, TlsLayer::Shake::done) << layer_->why();
  }
  /// All that comes while the layer, asked again and again, gives what it holds.
  std::string receive(std::size_t size) {
    std::string all;
    char room[16384];
    for (int i = 0; i < 10'000 && all.size() < size; ++i) {
      exchange();
      const int count = SSL_read(ssl_.get(), room, sizeof room);
      if (count > 0) all.append(room, static_cast<std::size_t>(count));
      Failed ignored;
      (void)layer_->write({}, ignored);
    }
    return all;
  }

  TlsFiles files_;
  int ends_[2] = {-1, -1};
  std::optional<TlsLayer> layer_;
  SslContextPtr context_{SSL_CTX_new(TLS_client_method())};
  SslPtr ssl_{SSL_new(context_.get())};
};

TEST_F(TlsLayerTest, HoldsWhatTheSocketDoesNotTakeAndTakesNoMore) {
  shake();
  const std::string record(10'000, 'x');
  const const_buffer piece(record.data(), record.size());
  Failed failed;
  std::string taken;
  while (!layer_->holds()) {
    ASSERT_EQ(layer_->write({&piece, 1}, failed), record.size()) << failed.message();
    taken += record;
  }
  EXPECT_EQ(layer_->write({&piece, 1}, failed), 0u);
  EXPECT_EQ(failed, would_block);
  EXPECT_EQ(layer_->write({}, failed), 0u);
  EXPECT_EQ(failed, would_block);
  EXPECT_EQ(receive(taken.size()), taken);
  EXPECT_FALSE(layer_->holds());
}

TEST_F(TlsLayerTest, SaysThatNothingFollowsBehindAllThatItHolds) {
  shake();
  const std::string record(10'000, 'x');
  const const_buffer piece(record.data(), record.size());
  Failed failed;
  std::size_t taken = 0;
  while (!layer_->holds()) taken += layer_->write({&piece, 1}, failed);
  layer_->finish(failed);
  EXPECT_EQ(failed, would_block);
  EXPECT_EQ(receive(taken).size(), taken);
  layer_->finish(failed);
  EXPECT_FALSE(failed);
  exchange();
  char byte;
  EXPECT_LE(SSL_read(ssl_.get(), &byte, 1), 0);
  EXPECT_EQ(SSL_get_shutdown(ssl_.get()), SSL_RECEIVED_SHUTDOWN);
}

TEST_F(TlsLayerTest, SmallPiecesShareARecord) {
  shake();
  const std::string all = "onetwothree";
  const std::array<const_buffer, 3> pieces{const_buffer(all.data(), 3), const_buffer(all.data() + 3, 3),
                                           const_buffer(all.data() + 6, 5)};
  Failed failed;
  EXPECT_EQ(layer_->write(pieces, failed), all.size());
  exchange();
  char room[100];
  ASSERT_EQ(SSL_read(ssl_.get(), room, sizeof room), static_cast<int>(all.size()));
  EXPECT_EQ(std::string(room, all.size()), all);
}

TEST_F(TlsLayerTest, AReadGivesAllThatIsHereAndThenSaysSo) {
  shake();
  for (const auto* text : {"one", "two", "three"}) SSL_write(ssl_.get(), text, static_cast<int>(std::strlen(text)));
  exchange();
  std::array<char, 4> little;
  Failed failed;
  ASSERT_EQ(layer_->read(little, failed), 4u);
  EXPECT_TRUE(layer_->has_input());  // though the socket is silent
  std::array<char, 100> room;
  ASSERT_EQ(layer_->read(room, failed), 7u);
  EXPECT_FALSE(layer_->has_input());
  EXPECT_EQ(std::string(room.data(), 7), "wothree");
  EXPECT_EQ(layer_->read(room, failed), 0u);
  EXPECT_EQ(failed, would_block);
}

}  // namespace tls_layer_test
}  // namespace skep
