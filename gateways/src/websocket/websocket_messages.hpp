#pragma once
// WebSocket messages that were read and wait to be taken, in their order, one behind the other. Pure.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace skep {

class WebSocketMessages {
 public:
  struct Message {
    std::string_view bytes;  ///< until one is put in or taken out
    bool is_text = true;
  };

  void push(std::string_view bytes, bool is_text) {
    bytes_ += bytes;
    messages_.push_back({bytes.size(), is_text});
  }
  /// The first; there is one (asserted).
  [[nodiscard]] Message front() const {
    assert(!empty());
    return {std::string_view(bytes_).substr(begin_, messages_.front().size), messages_.front().is_text};
  }
  /// Takes it out; there is one (asserted).
  void pop() {
    assert(!empty());
    begin_ += messages_.front().size;
    messages_.pop_front();
    if (begin_ <= bytes_.size() / 2 && !empty()) return;  // what is moved is less than what has gone
    bytes_.erase(0, std::exchange(begin_, 0));
    if (bytes_.empty()) bytes_.shrink_to_fit();
  }

  [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  /// What they hold.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size() - begin_ + entries(); }
  /// The same, with the room that is kept for more.
  [[nodiscard]] std::size_t memory() const noexcept { return bytes_.capacity() + entries(); }

 private:
  struct Entry {
    std::size_t size;
    bool is_text;
  };

  [[nodiscard]] std::size_t entries() const noexcept { return messages_.size() * sizeof(Entry); }

  std::string bytes_;
  std::size_t begin_ = 0;  ///< of the first
  std::deque<Entry> messages_;
};

}  // namespace skep
