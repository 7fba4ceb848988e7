#pragma once
// Cuts a stream of bytes into frames: lines, or a length before each. Sans I/O.
//
// Feed what was read; take frames until there is none. A frame over the limit is an error after which the parser
// takes no more: where the next frame begins is unknown. Of lines it can be found, where that is asked for.
// Memory is bounded by the limit plus one read, and grows with what comes: a length that is only announced costs
// nothing. Threads: none of its own.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skep/serialization/limits.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

enum class Framing : std::uint8_t {
  line,    ///< ends with LF; a CR before it is cut off
  length,  ///< u32 big-endian, then that many bytes
};

/// What follows a line over the limit.
enum class AfterTooLong : std::uint8_t {
  end,   ///< nothing: a peer that sends such lines is not to be read
  next,  ///< the next line; the rest of this one is passed over as it comes
};

class FrameParser {
 public:
  /// `after` is for `Framing::line` only. `limit` is what errors call `frame_bytes_max`; it outlives this.
  explicit FrameParser(Framing framing, std::size_t frame_bytes_max = limits::frame_bytes_max,
                       AfterTooLong after = AfterTooLong::end, std::string_view limit = "frame_bytes_max");

  /// Appends bytes as they were read. Invalidates frames taken before.
  void feed(std::string_view bytes);
  /// The same without a copy, where nothing is buffered: frames are taken from where `bytes` lie, which have to stay as
  /// they are until `trim`, `feed` or `clear`.
  void lend(std::string_view bytes);
  /// The next whole frame, valid until more is fed, and as long as the bytes that were lent; nothing if more bytes are
  /// needed. Errors: `errc::too_large`, as soon as it is known; every later call says so again, but for
  /// `AfterTooLong::next`.
  [[nodiscard]] Result<std::optional<std::string_view>> next();
  /// At the end of the stream: bytes that belong to no whole frame. For `line`, an unended last line.
  [[nodiscard]] std::string_view rest() const noexcept;
  [[nodiscard]] std::size_t buffered() const noexcept;
  /// The frame that has begun (asserted: its length is here) is not wanted: what is here of it goes, and its rest as it
  /// comes.
  void pass_over();
  [[nodiscard]] bool passing_over() const noexcept { return passing_ || skip_ > 0; }
  /// Copies what was lent and is not taken, and gives back memory that what is here does not need. Invalidates frames
  /// taken before.
  void trim();
  /// Forgets what is here. Invalidates frames taken before.
  void clear() noexcept;
  [[nodiscard]] std::size_t memory() const noexcept { return buffer_.capacity(); }  ///< that it holds

 private:
  [[nodiscard]] Result<std::optional<std::string_view>> next_line();
  [[nodiscard]] Result<std::optional<std::string_view>> next_length();
  [[nodiscard]] Error too_large() const;
  [[nodiscard]] Error give_up();
  [[nodiscard]] Error pass_over(std::size_t bytes);
  [[nodiscard]] bool passed_over();
  [[nodiscard]] bool skipped();
  [[nodiscard]] std::string_view bytes() const noexcept { return lent_.empty() ? buffer_ : lent_; }
  void keep();
  void compact();

  Framing framing_;
  std::size_t frame_bytes_max_;
  AfterTooLong after_;
  std::string_view limit_;
  std::string buffer_;
  std::string_view lent_;    ///< where there are such bytes `buffer_` has none
  std::size_t begin_ = 0;    ///< of the first byte not taken yet, of either
  std::size_t scanned_ = 0;  ///< bytes after `begin_` known to hold no line end
  bool broken_ = false;
  bool passing_ = false;  ///< inside a line over the limit, or not wanted
  std::size_t skip_ = 0;  ///< bytes to come of a frame that is not wanted
};

/// Appends one frame to `out`. Errors: `errc::bad_record` for a line that holds LF, `errc::too_large` for one whose
/// length does not fit; nothing is appended then.
[[nodiscard]] Result<void> append_frame(Framing framing, std::string_view frame, std::string& out);

/// The length that stands before a frame, of its first four bytes (asserted to be there).
[[nodiscard]] std::size_t read_frame_length(std::string_view bytes) noexcept;

/// Whether `text` is UTF-8 without surrogates or overlong forms.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace skep
