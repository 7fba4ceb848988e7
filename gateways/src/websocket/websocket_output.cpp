#include "websocket_output.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

constexpr std::size_t output_bytes_kept = limits::session_free_bytes / 2;  ///< while nothing waits

}  // namespace

void WebSocketOutput::push(const Message& message) {
  counts_.add(message.what);
  if (closed_) return;
  const auto opcode = message.is_text ? WebSocketOpcode::text : WebSocketOpcode::binary;
  const auto header = websocket_header({.opcode = opcode, .payload_bytes = message.bytes.size()});
  const auto size = header.view().size() + message.bytes.size();
  const bool stays = message.keeper && message.bytes.size() > copied_bytes_max;
  bytes_ += header.view();
  if (!stays) bytes_ += message.bytes;
  put({size, static_cast<std::uint32_t>(stays ? header.view().size() : size), static_cast<Kind>(message.what)});
  if (stays) large_.push_back({message.keeper, message.bytes, dropped_ + bytes_.size()});
}

void WebSocketOutput::put(const Frame& frame) {
  frames_.push_back(frame);
  memory_ += frame.memory();
}

/// In place of one of its kind that waits and has not begun.
void WebSocketOutput::put_control(WebSocketOpcode opcode, std::string_view payload) {
  if (closed_) return;
  const Control control{opcode, websocket_control_frame(opcode, payload)};
  const auto waiting = controls_.begin() + (control_begun_ ? 1 : 0);
  const auto found = std::find_if(waiting, controls_.end(), [&](const Control& one) { return one.opcode == opcode; });
  if (found != controls_.end()) return void(*found = control);
  controls_.push_back(control);
}

void WebSocketOutput::close(WebSocketCloseCode code, std::string_view reason) {
  assert(!closed_);
  closed_ = true;
  const auto frame = websocket_close_frame(code, reason);
  bytes_ += frame.view();
  put({frame.view().size(), static_cast<std::uint32_t>(frame.view().size()), Kind::close});
}

/// Those that were asked for, as they fill up; what lies together in `bytes_` is one.
class WebSocketOutput::Pieces {
 public:
  explicit Pieces(std::span<std::string_view> pieces) : pieces_(pieces) {}

  /// There was no room for one: nothing that stands behind it is taken either.
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  void add(std::string_view bytes) {
    if (bytes.empty() || full_) return;
    if (count_ > 0 && pieces_[count_ - 1].end() == bytes.begin()) {
      auto& last = pieces_[count_ - 1];
      last = {last.data(), last.size() + bytes.size()};
    } else if (count_ < pieces_.size()) {
      pieces_[count_++] = bytes;
    } else {
      full_ = true;
    }
  }

 private:
  std::span<std::string_view> pieces_;
  std::size_t count_ = 0;
  bool full_ = false;
};

std::size_t WebSocketOutput::gather(std::span<std::string_view> room) const {
  Pieces pieces(room);
  const std::string_view in_line = bytes_;
  auto large = large_.begin();
  auto at = begin_;
  if (!control_begun_ && written_ > 0) {  // this one is to end first
    const auto& first = frames_.front();
    const auto gone = std::min<std::size_t>(written_, first.in_line);
    pieces.add(in_line.substr(at + gone, first.in_line - gone));
    if (first.in_line < first.bytes) pieces.add((large++)->bytes.substr(written_ - gone));
    at += first.in_line;
  }
  auto gone = control_begun_ ? written_ : 0;
  for (const auto& control : controls_) pieces.add(control.frame.view().substr(std::exchange(gone, 0)));
  for (; large != large_.end() && !pieces.full(); ++large) {
    const auto end = static_cast<std::size_t>(large->at - dropped_);
    pieces.add(in_line.substr(at, end - at));
    pieces.add(large->bytes);
    at = end;
  }
  pieces.add(in_line.substr(at));
  return pieces.count();
}

FrameCounts WebSocketOutput::wrote(std::size_t bytes) {
  const bool messages_alone = controls_.empty() && large_.empty() && !closed_;
  if (messages_alone && bytes == bytes_.size() - begin_ - written_) return all_gone();
  FrameCounts gone;
  while (bytes > 0) {
    const bool control = control_begun_ || (written_ == 0 && !controls_.empty());
    bytes -= control ? take_control(bytes) : take_frame(bytes, gone);
  }
  compact();
  assert(gone.answers <= counts_.answers && gone.records <= counts_.records);
  counts_.answers -= gone.answers;
  counts_.records -= gone.records;
  return gone;
}

/// What mostly happens: the peer takes all there is.
FrameCounts WebSocketOutput::all_gone() {
  frames_.clear();
  memory_ = written_ = 0;
  begin_ = bytes_.size();
  compact();
  return std::exchange(counts_, {});
}

/// Returns how many of the bytes were of it.
std::size_t WebSocketOutput::take_control(std::size_t bytes) {
  assert(!controls_.empty());
  const auto taken = std::min(bytes, controls_.front().frame.view().size() - written_);
  written_ += taken;
  control_begun_ = written_ < controls_.front().frame.view().size();
  if (control_begun_) return taken;
  controls_.erase(controls_.begin());
  written_ = 0;
  return taken;
}

/// The same, of the first message.
std::size_t WebSocketOutput::take_frame(std::size_t bytes, FrameCounts& gone) {
  assert(!frames_.empty());  // no more is written than `gather` gave
  const auto frame = frames_.front();
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, frame.bytes - written_));
  written_ += taken;
  if (written_ < frame.bytes) return taken;
  written_ = 0;
  begin_ += frame.in_line;
  if (frame.kind != Kind::close) gone.add(static_cast<Outgoing>(frame.kind));
  frames_.pop_front();
  assert(frame.memory() <= memory_);
  memory_ -= frame.memory();
  if (frame.in_line < frame.bytes) large_.pop_front();
  return taken;
}

void WebSocketOutput::compact() {
  if (begin_ <= bytes_.size() / 2) return;  // what is moved is less than what has gone
  dropped_ += begin_;
  bytes_.erase(0, std::exchange(begin_, 0));
  if (bytes_.empty() && bytes_.capacity() > output_bytes_kept) bytes_.shrink_to_fit();
}

}  // namespace skep
