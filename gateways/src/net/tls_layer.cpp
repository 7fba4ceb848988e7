#include "net/tls_layer.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "net/certificate.hpp"
#include "net/tls_reason.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

namespace error = boost::asio::error;
using boost::asio::const_buffer;
using Failed = boost::system::error_code;

constexpr std::size_t record_bytes = 16u << 10;           ///< of plain bytes, at the most (RFC 8446, 5.1)
constexpr std::size_t turn_bytes_max = 64u << 10;         ///< read in one call; then others have their turn
constexpr std::size_t held_bytes_max = 2 * record_bytes;  ///< by a peer that does not read what TLS itself answers
static_assert(turn_bytes_max >= limits::tls_handshake_bytes_max);

/// What a certificate is for, as far as that can be told in a log: "shop.example.org, 10.0.0.9".
std::string names_in(const X509& certificate) {
  constexpr std::size_t told_max = 4;
  std::string text;
  const auto names = server_names(certificate);
  for (std::size_t i = 0; i < names.size() && i < told_max; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.empty() ? "no name" : names.size() > told_max ? text + ", ..." : text;
}

std::string verdict_on_peer(X509_STORE_CTX& chain) {
  const int verdict = X509_STORE_CTX_get_error(&chain);
  auto* expected = X509_STORE_CTX_get0_param(&chain);
  const auto other = [&](const std::string& wanted) {
    return "is for " + names_in(*X509_STORE_CTX_get0_cert(&chain)) + ", not for '" + wanted + "'";
  };
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH) return other(X509_VERIFY_PARAM_get0_host(expected, 0));
  if (verdict != X509_V_ERR_IP_ADDRESS_MISMATCH) return verdict_text(verdict);
  const TextPtr address(X509_VERIFY_PARAM_get1_ip_asc(expected));
  return other(address ? address.get() : "");
}

bool again(int number) {
  return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

}  // namespace

/// What OpenSSL calls, in whose frames no exception may pass.
struct TlsLayer::Io {
  static TlsLayer& layer_of(BIO* bio) { return *static_cast<TlsLayer*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* room, std::size_t size, std::size_t* count) noexcept {
    auto& layer = layer_of(bio);
    BIO_clear_retry_flags(bio);
    *count = 0;
    if (layer.ended_ || layer.failed_) return 0;
    const auto most = std::min(size, layer.turn_bytes_);
    const auto got = most > 0 ? ::recv(layer.socket_, room, most, MSG_DONTWAIT) : -1;
    if (got > 0) {
      *count = static_cast<std::size_t>(got);
      layer.received_ += *count;
      layer.turn_bytes_ -= *count;
      layer.drained_ = *count < most;
      return 1;
    }
    layer.ended_ = got == 0;
    if (got == 0) return 0;
    if (most > 0 && !again(errno)) return layer.fail_with(errno), 0;
    layer.drained_ = layer.drained_ || most > 0;
    BIO_set_retry_read(bio);
    return 0;
  }
  /// Takes all: what the socket does not take now is kept.
  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) noexcept {
    auto& layer = layer_of(bio);
    BIO_clear_retry_flags(bio);
    *count = size;
    if (layer.failed_) return 1;
    std::size_t sent = 0;
    if (layer.out_.empty()) {
      const auto gone = ::send(layer.socket_, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (gone < 0 && !again(errno)) return layer.fail_with(errno), 1;
      sent = gone > 0 ? static_cast<std::size_t>(gone) : 0;
    }
    layer.out_.append(bytes + sent, size - sent);
    if (layer.out_.size() - layer.sent_ > held_bytes_max) layer.fail("it does not read what TLS answers it");
    return 1;
  }
  static long control(BIO* bio, int what, long, void*) noexcept {
    if (what == BIO_CTRL_FLUSH) return 1;
    return what == BIO_CTRL_EOF && layer_of(bio).ended_ ? 1 : 0;
  }
  static const BIO_METHOD* method() {
    static const auto* const made = [] {
      auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "skep stream");
      BIO_meth_set_read_ex(method, read);
      BIO_meth_set_write_ex(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
  /// After OpenSSL's own verdict on each certificate of the chain, the peer's last.
  static int verify(int good, X509_STORE_CTX* chain) noexcept {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return static_cast<TlsLayer*>(SSL_get_app_data(ssl))->judge(good == 1, *chain) ? 1 : 0;
  }
  static void message(int written, int, int type, const void*, std::size_t, SSL*, void* layer) noexcept {
    if (written == 0 && (type == SSL3_RT_HANDSHAKE || type == SSL3_RT_ALERT))
      ++static_cast<TlsLayer*>(layer)->messages_;
  }
};

TlsLayer::TlsLayer(SslPtr ssl, int socket) : ssl_(std::move(ssl)), socket_(socket) {
  auto* bio = BIO_new(Io::method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_verify(ssl_.get(), SSL_get_verify_mode(ssl_.get()), Io::verify);
  SSL_set_msg_callback(ssl_.get(), Io::message);
  SSL_set_msg_callback_arg(ssl_.get(), this);
}

void TlsLayer::begin_turn() noexcept {
  clear_errors();
  turn_bytes_ = turn_bytes_max;
  drained_ = false;
}

TlsLayer::Shake TlsLayer::shake() {
  Failed blocked;
  if (!flush(blocked)) return failed_ ? Shake::failed : Shake::wants_room;
  if (established_) return Shake::done;
  begin_turn();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    established_ = ready_ = true;
    messages_ = 0;
    return holds() ? Shake::wants_room : Shake::done;
  }
  if (!conclude(result)) {
    if (why_.empty()) why_ = "it has gone again";
    return Shake::failed;
  }
  if (received_ >= limits::tls_handshake_bytes_max) {
    fail("it has sent more than " + std::to_string(limits::tls_handshake_bytes_max) + " bytes and not shaken hands");
    return Shake::failed;
  }
  return holds() ? Shake::wants_room : Shake::wants_input;
}

std::size_t TlsLayer::read(std::span<char> room, Failed& failed) {
  begin_turn();
  std::size_t total = 0;
  bool blocked = false;
  while (total < room.size() && !failed_ && !input_ended_) {
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), room.data() + total, room.size() - total, &count);
    total += count;
    if (messages_ > limits::tls_messages_between_data_max) fail("it sends messages of TLS and no data");
    if (result != 1) {
      blocked = conclude(result);
      break;
    }
    messages_ = 0;
    if (drained_ && SSL_has_pending(ssl_.get()) == 0) break;
  }
  const bool more = !blocked && SSL_has_pending(ssl_.get()) != 0;  // else it is a part of a record
  ready_ = failed_ || input_ended_ || !drained_ || more;
  const Failed nothing = input_ended_ ? Failed(error::eof) : Failed(error::would_block);
  failed = total > 0 ? Failed() : failed_ ? failed_ : nothing;
  return total;
}

std::size_t TlsLayer::write(std::span<const const_buffer> pieces, Failed& failed) {
  if (!flush(failed) || pieces.empty()) return 0;
  std::array<char, record_bytes> gathered;
  const auto& first = pieces.front();
  const void* record = first.data();
  auto size = std::min(first.size(), record_bytes);
  if (pieces.size() > 1 && size < record_bytes) {
    size = boost::asio::buffer_copy(boost::asio::buffer(gathered), pieces);
    record = gathered.data();
  }
  clear_errors();
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), record, size, &count);
  // Inside of a message that the peer has begun, nothing goes out until its rest is here: wait for that here, and
  // whoever has something to write would turn round for as long as the peer likes.
  if (result != 1 && conclude(result)) fail("it has left a message of TLS unfinished");
  failed = failed_;
  assert(failed_ || count > 0);
  return failed_ ? 0 : count;
}

void TlsLayer::finish(Failed& failed) {
  if (!std::exchange(finished_, true) && established_ && !failed_) {
    clear_errors();
    SSL_shutdown(ssl_.get());
    clear_errors();
  }
  (void)flush(failed);
}

/// Whether all has gone.
bool TlsLayer::flush(Failed& failed) {
  failed = failed_;
  if (failed) return false;
  while (sent_ < out_.size()) {
    const auto gone = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (gone > 0) {
      sent_ += static_cast<std::size_t>(gone);
      continue;
    }
    if (!again(errno)) fail_with(errno);
    failed = failed_ ? failed_ : Failed(error::would_block);
    return false;
  }
  if (!out_.empty()) std::string().swap(out_);
  sent_ = 0;
  return true;
}

/// A call has not done what it should. Whether there is just nothing to read.
bool TlsLayer::conclude(int result) {
  if (failed_) return clear_errors(), false;
  const int number = SSL_get_error(ssl_.get(), result);
  if (number == SSL_ERROR_WANT_READ) return clear_errors(), true;
  if (number == SSL_ERROR_ZERO_RETURN) {
    input_ended_ = true;
  } else {
    peer_refuses_ = peer_refuses();
    fail(reason());
  }
  clear_errors();
  return false;
}

void TlsLayer::fail(const std::string& why) {
  if (failed_) return;
  failed_ = error::connection_aborted;
  why_ = why;
}

void TlsLayer::fail_with(int number) {
  failed_ = Failed(number, boost::system::system_category());
  why_ = failed_.message();
}

bool TlsLayer::judge(bool good, X509_STORE_CTX& chain) {
  if (!good) {
    if (refused_.empty()) refused_ = "its certificate " + verdict_on_peer(chain);
    return false;
  }
  const bool leaf = X509_STORE_CTX_get_error_depth(&chain) == 0;
  // A server may have signed itself; whoever signs clients is none.
  if (SSL_is_server(ssl_.get()) == 0 || !leaf || X509_check_ca(X509_STORE_CTX_get_current_cert(&chain)) == 0)
    return true;
  refused_ = "its certificate is that of an authority";
  X509_STORE_CTX_set_error(&chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return false;
}

std::string TlsLayer::reason() const {
  if (!refused_.empty() && !established_) return refused_;
  const bool only_newest = SSL_get_min_proto_version(ssl_.get()) == TLS1_3_VERSION;
  return tls_reason(
      {only_newest ? "TLS 1.3" : "TLS 1.2", SSL_is_server(ssl_.get()) == 1 ? "this gateway" : "this client"});
}

}  // namespace skep
