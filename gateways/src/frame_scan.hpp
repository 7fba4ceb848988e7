#pragma once
// Follows the frames of a WebSocket's client through its bytes before they are read, and says where to stop: before a
// Close, so that what is owed goes out ahead of the answer to it; within a header that announces too much, or a frame
// too many. Says, too, whether a message or a frame is here in part. Pure.
//
// What is wrong otherwise is left to whoever reads: the bytes pass as they are.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skep {

class FrameScan {
 public:
  enum class Stop : std::uint8_t { none, close, too_big, too_many };
  struct Seen {
    std::size_t pass = 0;  ///< bytes that may be read now
    Stop stop = Stop::none;
    bool ended = false;  ///< a message, or a control frame between two, has come to its end in them
  };

  explicit FrameScan(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  /// Looks at what came next; not called any more after a stop.
  [[nodiscard]] Seen look(std::string_view bytes);
  /// A message, or a control frame, has begun and not ended.
  [[nodiscard]] bool within() const noexcept { return header_bytes_ > 0 || payload_ > 0 || message_open_; }

 private:
  [[nodiscard]] Stop take_header();
  [[nodiscard]] std::size_t header_size() const;

  std::size_t message_bytes_max_;
  std::array<char, 14> header_{};
  std::size_t header_bytes_ = 0;     ///< of it that are here
  std::uint64_t payload_ = 0;        ///< to come, of the frame
  std::uint64_t message_bytes_ = 0;  ///< announced so far
  std::size_t message_frames_ = 0;   ///< the same
  bool message_open_ = false;        ///< its last frame has not begun
};

}  // namespace skep
