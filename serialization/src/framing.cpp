#include "skep/serialization/framing.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "skep/serialization/counted.hpp"
#include "skep/serialization/limit_error.hpp"

namespace skep {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::size_t kept_bytes_max = 8u << 10;  ///< memory above this that is not needed is given back

}  // namespace

std::size_t read_frame_length(std::string_view bytes) noexcept {
  assert(bytes.size() >= length_bytes);
  std::uint32_t length = 0;
  for (const char byte : bytes.substr(0, length_bytes)) length = length << 8 | static_cast<unsigned char>(byte);
  return length;
}

FrameParser::FrameParser(Framing framing, std::size_t frame_bytes_max, AfterTooLong after, std::string_view limit)
    : framing_(framing), frame_bytes_max_(frame_bytes_max), after_(after), limit_(limit) {
  assert(framing == Framing::line || after == AfterTooLong::end);
}

void FrameParser::feed(std::string_view bytes) {
  if (broken_) return;
  keep();
  compact();
  const auto needed = buffer_.size() + bytes.size();
  if (needed > buffer_.capacity()) {
    const auto bound = frame_bytes_max_ + length_bytes + bytes.size();
    buffer_.reserve(std::max(needed, std::min(2 * buffer_.capacity(), bound)));
  }
  buffer_.append(bytes);
}

void FrameParser::lend(std::string_view bytes) {
  if (broken_ || buffered() > 0) return feed(bytes);
  buffer_.clear();
  lent_ = bytes;
  begin_ = 0;
}

void FrameParser::keep() {
  if (lent_.empty()) return;
  buffer_ = rest();
  lent_ = {};
  begin_ = 0;
}

/// Moves at most as many bytes as were taken since the last time: constant work per byte.
void FrameParser::compact() {
  const auto left = buffer_.size() - begin_;
  if (begin_ < left) return;
  buffer_.erase(0, begin_);
  begin_ = 0;
}

void FrameParser::trim() {
  keep();
  compact();
  if (buffer_.capacity() > std::max(kept_bytes_max, 4 * buffered())) std::string(buffer_).swap(buffer_);
}

void FrameParser::clear() noexcept {
  begin_ = scanned_ = 0;
  lent_ = {};
  std::string().swap(buffer_);
}

void FrameParser::pass_over() {
  assert(!broken_ && (framing_ == Framing::line || buffered() >= length_bytes));
  if (framing_ == Framing::line) passing_ = true;
  if (framing_ == Framing::length) skip_ = length_bytes + read_frame_length(rest()) - buffered();
  clear();
}

Result<std::optional<std::string_view>> FrameParser::next() {
  if (broken_) return too_large();
  return framing_ == Framing::line ? next_line() : next_length();
}

Result<std::optional<std::string_view>> FrameParser::next_line() {
  if (passing_ && !passed_over()) return std::optional<std::string_view>();
  const auto rest = this->rest();
  const auto end = rest.find('\n', scanned_);
  if (end == rest.npos) {
    scanned_ = rest.size();
    // The last of them may be the CR of a line that is just short enough.
    if (rest.size() > frame_bytes_max_ && rest.size() - 1 > frame_bytes_max_) {
      passing_ = after_ == AfterTooLong::next;
      return pass_over(rest.size());
    }
    return std::optional<std::string_view>();
  }
  scanned_ = 0;
  const auto size = end > 0 && rest[end - 1] == '\r' ? end - 1 : end;
  if (size > frame_bytes_max_) return pass_over(end + 1);
  begin_ += end + 1;
  return std::optional(rest.substr(0, size));
}

Result<std::optional<std::string_view>> FrameParser::next_length() {
  if (skip_ > 0 && !skipped()) return std::optional<std::string_view>();
  const auto rest = this->rest();
  if (rest.size() < length_bytes) return std::optional<std::string_view>();
  const auto length = read_frame_length(rest);
  if (length > frame_bytes_max_) return give_up();
  if (rest.size() - length_bytes < length) return std::optional<std::string_view>();
  begin_ += length_bytes + length;
  return std::optional(rest.substr(length_bytes, length));
}

std::string_view FrameParser::rest() const noexcept {
  return bytes().substr(begin_);
}

std::size_t FrameParser::buffered() const noexcept {
  return bytes().size() - begin_;
}

/// Where the next frame begins is unknown from here on: nothing is kept.
Error FrameParser::give_up() {
  broken_ = true;
  clear();
  return too_large();
}

/// A line over the limit, of which `bytes` are here.
Error FrameParser::pass_over(std::size_t bytes) {
  if (after_ == AfterTooLong::end) return give_up();
  begin_ += bytes;
  scanned_ = 0;
  return too_large();
}

/// Whether the end of a line over the limit has come.
bool FrameParser::passed_over() {
  const auto rest = this->rest();
  const auto end = rest.find('\n');
  begin_ += end == rest.npos ? rest.size() : end + 1;
  passing_ = end == rest.npos;
  return !passing_;
}

/// Whether the end of a frame that is not wanted has come.
bool FrameParser::skipped() {
  const auto bytes = std::min(skip_, buffered());
  begin_ += bytes;
  skip_ -= bytes;
  return skip_ == 0;
}

Error FrameParser::too_large() const {
  const std::string_view what = framing_ == Framing::line ? "the line is" : "the frame is";
  return {errc::too_large, std::string(what) + " longer than " + std::string(limit_) + ", which is " +
                               counted(frame_bytes_max_, "byte")};
}

Result<void> append_frame(Framing framing, std::string_view frame, std::string& out) {
  if (framing == Framing::line) {
    const auto end = frame.find('\n');
    if (end != frame.npos) {
      return Error{errc::bad_record, "a line cannot hold a line end, as this one does at byte " + std::to_string(end)};
    }
    out.append(frame).push_back('\n');
    return {};
  }
  if (frame.size() > UINT32_MAX) {
    return Error{errc::too_large, over_limit("the frame", frame.size(), "of its length field", UINT32_MAX)};
  }
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(frame.size() >> shift));
  out.append(frame);
  return {};
}

}  // namespace skep
