#include "net/tls_layer.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cassert>
#include <cerrno>
#include <utility>

#include "net/certificate.hpp"
#include "net/tls_reason.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

namespace error = boost::asio::error;
using boost::asio::const_buffer;
using Failed = boost::system::error_code;

constexpr std::size_t turn_bytes_max = 64u << 10;             ///< read in one call; then others have their turn
constexpr std::size_t held_bytes_max = 2 * tls_record_bytes;  ///< by a peer that does not read what TLS itself answers
/// Fatal, protocol_version (RFC 8446, 6.2): a peer that speaks no TLS can tell from it what it has come upon, which
/// OpenSSL leaves it to guess.
constexpr std::string_view no_tls_alert("\x15\x03\x01\x00\x02\x02\x46", 7);
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

TlsLayer::TlsLayer(SslPtr ssl, int socket) : ssl_(std::move(ssl)), socket_(socket) {
  TlsIo<TlsLayer>::attach(ssl_.get(), *this);
}

std::size_t TlsLayer::take(std::span<char> room) noexcept {
  if (over()) return 0;
  const auto most = std::min(room.size(), turn_bytes_);
  const auto got = most > 0 ? ::recv(socket_, room.data(), most, MSG_DONTWAIT) : -1;
  if (got > 0) {
    const auto count = static_cast<std::size_t>(got);
    received_ += count;
    turn_bytes_ -= count;
    drained_ = count < most;
    return count;
  }
  ended_ = got == 0;
  if (ended_) return 0;
  if (most > 0 && !again(errno)) return fail_with(errno), 0;
  drained_ = drained_ || most > 0;
  return 0;
}

/// What the socket does not take now is kept.
void TlsLayer::give(std::string_view bytes) noexcept {
  if (failed_) return;
  std::size_t sent = 0;
  if (out_.empty()) {
    const auto gone = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (gone < 0 && !again(errno)) return fail_with(errno);
    sent = gone > 0 ? static_cast<std::size_t>(gone) : 0;
  }
  out_.append(bytes.substr(sent));
  if (out_.size() - sent_ > held_bytes_max) fail("it does not read what TLS answers it");
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

std::string TlsLayer::client_subject() const {
  const auto* shown = SSL_get0_peer_certificate(ssl_.get());
  if (shown == nullptr) return {};
  auto text = name_text(*X509_get_subject_name(shown));
  if (text.size() > limits::subject_bytes_max) text.replace(limits::subject_bytes_max, text.npos, "...");
  return text;
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
  std::array<char, tls_record_bytes> gathered;
  const auto& first = pieces.front();
  const void* record = first.data();
  auto size = std::min(first.size(), tls_record_bytes);
  if (pieces.size() > 1 && size < tls_record_bytes) {
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
    if (messages_ == 0 && SSL_is_server(ssl_.get()) == 1 && peer_lacks_tls()) tell_peer_without_tls();
    fail(reason());
  }
  clear_errors();
  return false;
}

/// Nothing has gone out before. Whether it gets there is of no account.
void TlsLayer::tell_peer_without_tls() const noexcept {
  [[maybe_unused]] const auto gone =
      ::send(socket_, no_tls_alert.data(), no_tls_alert.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
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
