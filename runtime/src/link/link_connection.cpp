#include "link/link_connection.hpp"

#include <cassert>
#include <utility>

#include "link/link_codec.hpp"

namespace skep {

LinkConnection::~LinkConnection() {
  close();
  meter_.gave_up(waiting_bytes_);
}

void LinkConnection::take(TlsSocketPtr socket) {
  open_ = true;
  socket_ = std::move(socket);
  socket_->hand_over(*this);
}

void LinkConnection::open(Socket socket, TlsSocket::Settings settings) {
  open_ = true;
  socket_ = new TlsSocket(std::move(socket), std::move(settings), static_cast<TlsSocketOwner&>(*this));
  socket_->start();
}

void LinkConnection::queue(Buffer frames) {
  if (!open_) return;
  if (waiting_.empty()) moved_at_ = std::chrono::steady_clock::now();
  waiting_bytes_ += frames.bytes().size();
  meter_.queued(frames.bytes().size());
  waiting_.push_back(std::move(frames));
}

LinkConnection::Sent LinkConnection::try_send(const Buffer& frame) {
  const auto held = socket_->try_hold();
  if (!held || !open_ || !heard_ || !socket_->idle()) return Sent::no;
  assert(waiting_.empty());  // an idle socket has asked for all of it, and what is queued is flushed in the same hold
  heard_ = false;
  const bool all = socket_->send_now(frame.bytes());
  meter_.sent_at_once(frame.bytes().size());
  return all ? Sent::all : Sent::in_part;
}

void LinkConnection::flush() {
  if (open_) socket_->send();
}

/// Asked for once the socket has taken what came before.
std::span<const std::byte> LinkConnection::next_output(TlsSocket&) {
  moved_at_ = std::chrono::steady_clock::now();
  if (next_piece_ == pieces_.size() && !pieces_.empty()) {  // the first one has gone
    assert(!waiting_.empty() && waiting_.front().bytes().size() <= waiting_bytes_);
    waiting_bytes_ -= waiting_.front().bytes().size();
    meter_.sent(waiting_.front().bytes().size());
    waiting_.pop_front();
    pieces_.clear();
  }
  if (pieces_.empty()) {
    if (waiting_.empty()) return {};
    next_piece_ = 0;
    each_piece(waiting_.front(), [this](std::span<const std::byte> piece) { pieces_.push_back(piece); });
  }
  assert(next_piece_ < pieces_.size());
  return pieces_[next_piece_++];
}

void LinkConnection::established(TlsSocket&) {
  owner_.opened(*this);
}

std::span<std::byte> LinkConnection::room(TlsSocket&) {
  return reader_.room();
}

void LinkConnection::received(TlsSocket&, std::size_t bytes) {
  const LinkConnectionPtr self(this);
  const auto now = std::chrono::steady_clock::now();
  heard_ = true;
  reader_.filled(bytes);
  meter_.received_bytes.add(bytes);
  while (open_) {
    const auto body = reader_.next();
    if (!body) return break_off(body.error().message);
    if (!body->has_value()) return;
    auto message = decode(**body, now);
    if (!message) return break_off(message.error().message);
    meter_.received_messages.add(1);
    owner_.came(*this, std::move(*message), now);
  }
}

void LinkConnection::turn_ends(TlsSocket&) {
  if (open_) owner_.turn_ends();
}

void LinkConnection::break_off(const std::string& why) {
  waiting_.clear();
  pieces_.clear();
  refuse("it breaks the rules of links: " + why);
  owner_.ended(*this, "it breaks the rules of links: " + why);
}

void LinkConnection::closed(TlsSocket&, const std::string& why) {
  if (!std::exchange(open_, false)) return;
  owner_.ended(*this, why);
}

void LinkConnection::refuse(const std::string& why) {
  if (!open_) return;
  queue(encode(LinkRefusal{why}));
  finish();
}

void LinkConnection::finish() {
  if (std::exchange(open_, false)) socket_->finish();
}

void LinkConnection::finish(LinkConnection& then) {
  if (!std::exchange(open_, false)) return;
  socket_->finish(std::exchange(then.open_, false) ? then.socket_ : nullptr);
}

void LinkConnection::close() noexcept {
  if (std::exchange(open_, false)) socket_->close();
}

}  // namespace skep
