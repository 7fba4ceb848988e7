#pragma once
// Frames on their way out of one session, and which of them have gone. Pure.
//
// An answer counts when its last byte was handed over, not before. Which frame that byte belongs to is read from the
// bytes themselves, and only where the peer did not take all at once: a frame costs one byte beside its own.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/serialization/framing.hpp"

namespace skep {

/// What a frame holds.
enum class Outgoing : std::uint8_t { error, answer, record };

/// What goes out of it, where an answer may have become an error on the way.
[[nodiscard]] constexpr Outgoing as_written(Outgoing what, bool failed) noexcept {
  return failed && what == Outgoing::answer ? Outgoing::error : what;
}

/// How many frames of what counts.
struct FrameCounts {
  std::uint64_t answers = 0;
  std::uint64_t records = 0;  ///< of a gateway that sends out

  void add(Outgoing what) noexcept {
    answers += what == Outgoing::answer ? 1 : 0;
    records += what == Outgoing::record ? 1 : 0;
  }
};

class OutBuffer {
 public:
  explicit OutBuffer(Framing framing) : framing_(framing) {}

  /// Where one whole frame is appended, if `added` follows.
  [[nodiscard]] std::string& end() noexcept { return bytes_; }
  void added(Outgoing what) {
    kinds_.push_back(what);
    left_.add(what);
  }
  [[nodiscard]] std::string_view unwritten() const noexcept { return std::string_view(bytes_).substr(written_); }
  /// So many bytes of these have gone. Returns what that completes.
  [[nodiscard]] FrameCounts wrote(std::size_t bytes);
  [[nodiscard]] FrameCounts left() const noexcept { return left_; }  ///< not gone to its end
  void clear() noexcept;
  [[nodiscard]] std::size_t memory() const noexcept { return bytes_.capacity() + kinds_.capacity(); }

 private:
  [[nodiscard]] std::size_t frames_ended(std::size_t from);
  void compact();

  Framing framing_;
  std::string bytes_;
  std::size_t written_ = 0;
  std::size_t frame_ = 0;        ///< where the first frame begins that has not gone; for Framing::length
  std::vector<Outgoing> kinds_;  ///< of the frames in `bytes_`, those that have gone too
  std::size_t gone_ = 0;         ///< of `kinds_`
  FrameCounts left_;
};

}  // namespace skep
