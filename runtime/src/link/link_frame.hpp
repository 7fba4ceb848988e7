#pragma once
// Messages of a link as frames on a stream of bytes, and back. Sans I/O; knows nothing of what is in a message.
//
// A frame is a header of 8 bytes and a body: the body's length (u32, little-endian, a multiple of 8), flags (u8; bit 0:
// more of this message follows in the next frame), three bytes of zero. A message of more than
// limits::link_frame_bytes_max goes in several frames, all but the last with so many bytes.
//
// Writing copies nothing: the encoder is given memory with room for headers around the message. Reading copies a large
// frame not at all, a small one and what ends a large one once, out of what was read, and the parts of a message of
// several frames once more, to join them. Each message has memory of its own, so that a record that is kept keeps no
// other message alive. A length is believed only after its header was checked; what a message holds in memory is at
// most twice limits::link_message_bytes_max, while it is joined.
// Threads: none of its own.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "skep/runtime/limits.hpp"
#include "skep/serialization/payload.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

inline constexpr std::size_t link_header_bytes = 8;

/// The frames of a message of `bytes`, a multiple of 8 from 8 to limits::link_message_bytes_max (asserted): headers
/// written, the message not.
[[nodiscard]] Buffer allocate_frames(std::size_t bytes);
/// Where the message goes, in one piece, 8-aligned.
[[nodiscard]] std::span<std::byte> message_of(Buffer& frames) noexcept;

/// What stands before each frame of a message but its last.
[[nodiscard]] std::span<const std::byte> chunk_header() noexcept;
[[nodiscard]] bool in_chunks(const Buffer& frames) noexcept;

/// `visit(std::span<const std::byte>)` for each piece that goes on the wire, in order: one, unless the message goes in
/// several frames. The pieces live as long as the Buffer.
template <class Visit>
void each_piece(const Buffer& frames, Visit visit) {
  const auto bytes = frames.bytes();
  if (!in_chunks(frames)) return visit(bytes);
  // The header of the last frame is behind the message: see allocate_frames.
  constexpr auto chunk = limits::link_frame_bytes_max;
  visit(bytes.first(link_header_bytes + chunk));
  auto rest = bytes.subspan(link_header_bytes + chunk, bytes.size() - 2 * link_header_bytes - chunk);
  for (; rest.size() > chunk; rest = rest.subspan(chunk)) {
    visit(chunk_header());
    visit(rest.first(chunk));
  }
  visit(bytes.last(link_header_bytes));
  visit(rest);
}

class LinkFrameReader {
 public:
  /// What is taken.
  enum class Take : std::uint8_t {
    hello,  ///< what may be one: no message of more than limits::link_hello_bytes_max
    all
  };

  explicit LinkFrameReader(Take take = Take::all) : take_(take) {}
  /// From the next message on.
  void take(Take take) noexcept { take_ = take; }
  /// Where to read to next; never empty. Call it when `next` has given nothing, or before the first read (asserted).
  [[nodiscard]] std::span<std::byte> room();
  /// So many bytes of the last `room` were read.
  void filled(std::size_t bytes);
  /// The next whole message, 8-aligned; nothing if more bytes are needed.
  /// Errors: `errc::too_large` for a frame or a message over its limit, `errc::bad_record` for any other header that is
  /// none, as soon as it is here; every later call says so again.
  [[nodiscard]] Result<std::optional<Buffer>> next();

 private:
  struct Header {
    std::uint32_t bytes = 0;
    std::uint8_t flags = 0;
    std::array<std::uint8_t, 3> reserved{};
  };
  static_assert(sizeof(Header) == link_header_bytes);

  [[nodiscard]] std::size_t read_ahead() const noexcept { return end_ - begin_; }
  [[nodiscard]] std::size_t missing() const noexcept { return body_.bytes().size() - body_filled_; }
  [[nodiscard]] std::optional<Error> problem(const Header& header) const;
  [[nodiscard]] bool begin_frame();
  void take_ahead();
  [[nodiscard]] std::optional<Buffer> end_frame();
  [[nodiscard]] Buffer join();

  Take take_;
  std::array<std::byte, limits::link_read_bytes> ahead_;  ///< read, from begin_ to end_ not taken
  std::size_t begin_ = 0, end_ = 0;
  bool into_body_ = false;  ///< the last room was body_'s
  Buffer body_;             ///< of the frame that has begun
  std::size_t body_filled_ = 0;
  bool more_ = false;           ///< it is not the last one of its message
  std::vector<Buffer> chunks_;  ///< of the message, the frames before it
  std::size_t chunk_bytes_ = 0;
  std::optional<Error> broken_;
};

}  // namespace skep
