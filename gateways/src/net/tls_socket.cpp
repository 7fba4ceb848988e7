#include "net/tls_socket.hpp"

#include <sys/socket.h>

#include <array>
#include <cassert>
#include <limits>
#include <utility>

#include "net/tls_io.hpp"
#include "skep/actors/option.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

constexpr std::size_t gathered_piece_max = 4u << 10;
constexpr std::size_t output_mark = 256u << 10;  ///< encrypted at once; the next piece goes beyond
constexpr std::size_t reads_per_turn = 8;        ///< before other sockets have theirs

}  // namespace

TlsSocket::TlsSocket(Socket socket, Settings settings, TlsSocketOwner& owner)
    : socket_(std::move(socket)),
      address_(peer_of(socket_)),
      channel_(std::move(settings.context), settings.end, std::move(settings.expected)),
      handshake_time_max_(settings.handshake_time_max),
      scratch_(settings.scratch),
      owner_(&owner),
      deadline_(new LoopWakeup(socket_.get_executor().context(), [this] { overdue(); })) {}

void TlsSocket::start() {
  const auto turn = hold();
  deadline_->by(std::chrono::steady_clock::now() + handshake_time_max_);
  send();
  await_input();
}

// Input.

void TlsSocket::await_input() {
  if (reading_ || !open_) return;
  reading_ = true;
  socket_.async_wait(Socket::wait_read, [self = TlsSocketPtr(this)](boost::system::error_code failed) {
    const auto turn = self->hold();
    self->reading_ = false;
    if (!self->open_) return;
    if (failed) return self->end(failed.message());
    self->on_readable();
  });
}

void TlsSocket::on_readable() {
  for (std::size_t i = 0; i < reads_per_turn && open_; ++i) {
    boost::system::error_code failed;
    const auto bytes = socket_.read_some(boost::asio::buffer(scratch_.data(), scratch_.size()), failed);
    if (failed == boost::asio::error::would_block) break;
    if (failed == boost::asio::error::eof) return end_of_input();
    if (failed) return end(failed.message());
    feed(scratch_.first(bytes));
    if (bytes < scratch_.size()) break;  // there is no more, or the next wait ends at once
  }
  if (owner_ != nullptr) owner_->turn_ends(*this);
  send();
  await_input();
}

void TlsSocket::feed(std::span<const std::byte> bytes) {
  channel_.feed(bytes);
  if (!established_ && channel_.state() == TlsChannel::State::established) {
    established_ = true;
    deadline_->disarm();
    owner_->established(*this);
  }
  if (established_) deliver();
  if (open_ && channel_.state() == TlsChannel::State::closed) end(channel_.why());
}

void TlsSocket::deliver() {
  std::array<std::byte, 4096> dropped;
  while (open_) {
    const auto room = owner_ != nullptr ? owner_->room(*this) : std::span<std::byte>(dropped);
    const auto bytes = channel_.read(room);
    if (bytes == 0) return;
    if (owner_ != nullptr) owner_->received(*this, bytes);
  }
}

void TlsSocket::end_of_input() {
  channel_.end();
  end(channel_.why());
}

// Output.

void TlsSocket::send() {
  const auto turn = hold();
  while (open_ && !writing_ && refill()) {
    boost::system::error_code failed;
    sent_ += socket_.write_some(boost::asio::buffer(out_.data() + sent_, out_.size() - sent_), failed);
    if (failed == boost::asio::error::would_block) return await_room();
    if (failed) return end(failed.message());
  }
  if (open_ && channel_.state() == TlsChannel::State::closed) end(channel_.why());
}

/// Whether there is something encrypted to send.
bool TlsSocket::refill() {
  if (sent_ < out_.size()) return true;
  sent_ = 0;
  out_.clear();
  if (established_ && owner_ != nullptr) take_output(output_mark);
  out_.swap(channel_.output());
  return !out_.empty();
}

/// From the owner, until so many bytes are encrypted.
void TlsSocket::take_output(std::size_t mark) {
  while (channel_.state() == TlsChannel::State::established && channel_.output().size() < mark) {
    const auto piece = owner_->next_output(*this);
    if (piece.empty()) break;
    gather(piece);
  }
  write_gathered();
}

void TlsSocket::gather(std::span<const std::byte> piece) {
  if (gathered_.size() + piece.size() > tls_record_bytes) write_gathered();
  if (piece.size() > gathered_piece_max && gathered_.empty()) return channel_.write(piece);
  gathered_.insert(gathered_.end(), piece.begin(), piece.end());
}

void TlsSocket::write_gathered() {
  if (!gathered_.empty() && channel_.state() == TlsChannel::State::established) channel_.write(gathered_);
  gathered_.clear();
}

void TlsSocket::await_room() {
  writing_ = true;
  socket_.async_wait(Socket::wait_write, [self = TlsSocketPtr(this)](boost::system::error_code failed) {
    const auto turn = self->hold();
    self->writing_ = false;
    if (!self->open_) return;
    if (failed) return self->end(failed.message());
    self->send();
  });
}

bool TlsSocket::idle() const noexcept {
  return open_ && established_ && owner_ != nullptr && !writing_ && sent_ == out_.size() &&
         channel_.state() == TlsChannel::State::established;
}

bool TlsSocket::send_now(std::span<const std::byte> bytes) {
  assert(idle());
  channel_.write(bytes);
  sent_ = 0;
  out_.clear();
  out_.swap(channel_.output());
  // Not by asio's call: the links' thread may wait in the same object meanwhile. What is wrong with it, that one hears.
  const auto sent = ::send(socket_.native_handle(), out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) sent_ = static_cast<std::size_t>(sent);
  return sent_ == out_.size() && channel_.state() == TlsChannel::State::established;
}

// The end.

void TlsSocket::finish(TlsSocketPtr then) {
  const auto turn = hold();
  if (!open_ || finishing_) return;
  if (then) then->leave();
  then_ = std::move(then);
  if (!established_) return close();
  leave();
  finishing_ = true;
  channel_.finish();
  deadline_->by(std::chrono::steady_clock::now() + limits::close_time_max);
  send();
}

/// The owner goes; all that it has is taken before.
void TlsSocket::leave() {
  if (!open_ || owner_ == nullptr) return;
  if (established_) take_output(std::numeric_limits<std::size_t>::max());
  owner_ = nullptr;
}

void TlsSocket::overdue() {
  const auto turn = hold();
  end("it has not shaken hands within " + to_string(handshake_time_max_));
}

/// The peer is to know why, if it can be told at once.
void TlsSocket::end(const std::string& why) {
  if (!writing_ && channel_.state() == TlsChannel::State::closed) {
    out_.erase(0, sent_);
    out_ += channel_.output();
    boost::system::error_code ignored;
    if (!out_.empty()) socket_.write_some(boost::asio::buffer(out_), ignored);
  }
  auto* owner = owner_;
  const TlsSocketPtr self(this);
  close();
  if (owner != nullptr) owner->closed(*this, why);
}

void TlsSocket::close() noexcept {
  const auto turn = hold();
  open_ = false;
  owner_ = nullptr;
  deadline_->cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (const auto then = std::exchange(then_, nullptr)) then->finish();
}

}  // namespace skep
