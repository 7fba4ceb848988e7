#include "websocket_output.hpp"

#include <cassert>
#include <utility>

namespace skep {

void WebSocketOutput::push(WebSocketMessage message) {
  counts_.add(message.what);
  if (closed_) return;
  memory_ += message.memory();
  const auto opcode = message.is_text ? WebSocketOpcode::text : WebSocketOpcode::binary;
  WebSocketControlFrame head;
  head.append(websocket_header({.opcode = opcode, .payload_bytes = message.bytes().size()}).view());
  frames_.push_back({Kind::message, head, std::move(message)});
}

/// Control frames stand first, but for a frame that has begun.
void WebSocketOutput::put_control(Kind kind, const WebSocketControlFrame& frame) {
  if (closed_) return;
  auto at = frames_.begin() + (written_ > 0 ? 1 : 0);
  for (; at != frames_.end() && at->kind != Kind::message; ++at) {
    if (at->kind == kind) return void(at->head = frame);
  }
  frames_.insert(at, {kind, frame});
}

void WebSocketOutput::close(WebSocketCloseCode code, std::string_view reason) {
  assert(!closed_);
  closed_ = true;
  frames_.push_back({Kind::close, websocket_close_frame(code, reason)});
}

std::size_t WebSocketOutput::gather(std::span<std::string_view> pieces) const {
  std::size_t count = 0, gone = written_;
  const auto add = [&](std::string_view bytes) {
    const auto skipped = std::min(gone, bytes.size());
    gone -= skipped;
    if (skipped < bytes.size() && count < pieces.size()) pieces[count++] = bytes.substr(skipped);
  };
  for (const auto& frame : frames_) {
    if (count == pieces.size()) break;
    add(frame.head.view());
    add(frame.message.bytes());
  }
  return count;
}

FrameCounts WebSocketOutput::wrote(std::size_t bytes) {
  FrameCounts gone;
  written_ += bytes;
  while (!frames_.empty() && written_ >= frames_.front().bytes()) {
    auto& frame = frames_.front();
    written_ -= frame.bytes();
    if (frame.kind == Kind::message) {
      gone.add(frame.message.what);
      memory_ -= frame.message.memory();
    }
    frames_.pop_front();
  }
  counts_.answers -= gone.answers;
  counts_.records -= gone.records;
  return gone;
}

}  // namespace skep
