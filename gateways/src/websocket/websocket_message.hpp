#pragma once
// A WebSocket message that waits: to be taken, or to go out. Pure.

#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "out_buffer.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

struct WebSocketMessage {
  static constexpr std::size_t overhead = 256;  ///< memory of one beside its bytes, about

  Record record;     ///< keeps the bytes, or none:
  std::string text;  ///< the bytes
  bool is_text = true;
  Outgoing what = Outgoing::answer;  ///< of those that go out

  [[nodiscard]] std::string_view bytes() const { return record ? record.text() : std::string_view(text); }
  [[nodiscard]] std::size_t memory() const { return bytes().size() + overhead; }
};

/// Messages in their order, and the memory of all of them.
class WebSocketMessages {
 public:
  void push(WebSocketMessage message) {
    memory_ += message.memory();
    messages_.push_back(std::move(message));
  }
  /// The first, taken out; there is one.
  WebSocketMessage pop() {
    auto first = std::move(messages_.front());
    messages_.pop_front();
    memory_ -= first.memory();
    return first;
  }
  [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  [[nodiscard]] std::size_t memory() const noexcept { return memory_; }

 private:
  std::deque<WebSocketMessage> messages_;
  std::size_t memory_ = 0;
};

}  // namespace skep
