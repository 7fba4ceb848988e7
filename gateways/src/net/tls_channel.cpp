#include "net/tls_channel.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "net/tls_reason.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {

TlsChannel::TlsChannel(TlsContextPtr context, End end, std::string expected)
    : context_(std::move(context)), expected_(std::move(expected)), ssl_(context_->make_ssl()) {
  TlsIo<TlsChannel>::attach(ssl_.get(), *this);
  if (end == End::server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
    shake();
  }
}

std::size_t TlsChannel::take(std::span<char> room) noexcept {
  const auto count = std::min(room.size(), input_.size());
  if (count != 0) std::memcpy(room.data(), input_.data(), count);
  input_ = input_.subspan(count);
  return count;
}

void TlsChannel::feed(std::span<const std::byte> bytes) {
  assert(input_.empty() && !ended_);
  if (state_ == State::closed) return;
  input_ = bytes;
  if (state_ != State::handshaking) return;
  handshake_bytes_ += bytes.size();
  shake();
  if (state_ == State::handshaking && handshake_bytes_ > limits::tls_handshake_bytes_max) {
    close("it has sent more than " + std::to_string(limits::tls_handshake_bytes_max) + " bytes and not shaken hands");
  }
}

void TlsChannel::shake() {
  clear_errors();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return conclude(result);
  state_ = State::established;
  messages_ = 0;
}

std::size_t TlsChannel::read(std::span<std::byte> room) {
  assert(!room.empty());
  if (state_ != State::established) return 0;
  clear_errors();
  std::size_t count = 0;
  const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &count);
  if (result == 1) {
    messages_ = 0;
    return count;
  }
  conclude(result);
  if (state_ == State::established && messages_ > limits::tls_messages_between_data_max) {
    close("it sends messages of TLS and no data");
  }
  return 0;
}

void TlsChannel::write(std::span<const std::byte> data) {
  assert(state_ == State::established);
  if (data.empty()) return;
  clear_errors();
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), data.data(), data.size(), &count);
  if (result != 1) conclude(result);
  // Inside of a message that the peer has begun nothing goes out; it could leave it so for ever.
  if (result != 1 && state_ == State::established) close("it has left a message of TLS unfinished");
  if (result != 1) return;
  assert(count == data.size());  // the output takes all
}

void TlsChannel::finish() {
  if (state_ != State::established) return;
  clear_errors();
  SSL_shutdown(ssl_.get());
  clear_errors();
}

void TlsChannel::end() {
  assert(input_.empty());
  ended_ = true;
  if (state_ == State::handshaking) shake();
  std::byte rest;
  if (state_ == State::established && read({&rest, 1}) == 0 && state_ == State::established) {
    close("the connection has ended without a word");
  }
}

/// A call has not done what it should: is there just nothing to read, or is it over?
void TlsChannel::conclude(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return clear_errors();
  close(error == SSL_ERROR_ZERO_RETURN ? "" : reason());
}

void TlsChannel::close(const std::string& why) {
  clear_errors();
  input_ = {};
  if (state_ == State::closed) return;
  state_ = State::closed;
  why_ = why;
}

std::string TlsChannel::reason() const {
  return refused_.empty() ? tls_reason({"TLS 1.3", "this node"}) : refused_;
}

bool TlsChannel::judge(bool good, X509_STORE_CTX& chain) {
  if (!good) {
    if (refused_.empty()) refused_ = "its certificate " + verdict_text(X509_STORE_CTX_get_error(&chain));
    return false;
  }
  if (X509_STORE_CTX_get_error_depth(&chain) != 0) return true;
  auto read = read_certificate(*X509_STORE_CTX_get_current_cert(&chain));
  if (read) peer_ = std::move(*read);
  refused_ = read ? judge_identity() : "its certificate: " + read.error().message;
  if (refused_.empty()) return true;
  const bool revoked = context_->denies(peer_.serial);  // which the alert tells the peer
  X509_STORE_CTX_set_error(&chain, revoked ? X509_V_ERR_CERT_REVOKED : X509_V_ERR_APPLICATION_VERIFICATION);
  return false;
}

/// "" or what is wrong.
std::string TlsChannel::judge_identity() const {
  const auto& own = context_->identity();
  if (!peer_.identity) return "its certificate is that of an authority";
  const auto& its = *peer_.identity;
  if (its.cluster != own.cluster) return "its certificate is of cluster " + its.cluster + ", not " + own.cluster;
  if (its.role != PeerRole::node) return "its certificate is that of an admin, not of a node";
  if (context_->denies(peer_.serial)) {
    return "its certificate is revoked (" + its.name + ", serial " + peer_.serial + ')';
  }
  if (!expected_.empty() && its.name != expected_) {
    return "its certificate is that of node " + its.name + ", not " + expected_;
  }
  return "";
}

}  // namespace skep
