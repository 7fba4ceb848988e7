#include "link/link_frame.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <string>
#include <utility>

#include "skep/serialization/limit_error.hpp"

namespace skep {
namespace {

static_assert(std::endian::native == std::endian::little);  // as Cap'n Proto's words, which are used in place

constexpr std::uint8_t more_follows = 1;
constexpr std::size_t frame_unit = 8;
static_assert(limits::link_frame_bytes_max % frame_unit == 0 && limits::link_message_bytes_max % frame_unit == 0);

using HeaderBytes = std::array<std::byte, link_header_bytes>;

constexpr HeaderBytes header_bytes(std::uint32_t length, std::uint8_t flags) noexcept {
  HeaderBytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(length >> (8 * i));
  bytes[4] = static_cast<std::byte>(flags);
  return bytes;
}

constexpr auto chunk_header_bytes = header_bytes(limits::link_frame_bytes_max, more_follows);

std::size_t last_chunk(std::size_t bytes) noexcept {
  return (bytes - 1) % limits::link_frame_bytes_max + 1;
}

void write(std::span<std::byte> out, const HeaderBytes& header) noexcept {
  std::memcpy(out.data(), header.data(), header.size());
}

Error bad(std::string what) {
  return {errc::bad_record, "malformed frame: " + std::move(what)};
}

Error too_large(std::string_view what, std::size_t bytes, std::string_view name, std::size_t limit) {
  return {errc::too_large, over_limit(what, bytes, name, limit)};
}

}  // namespace

/// Of a message in chunks the first header stands before it and the last one behind it.
Buffer allocate_frames(std::size_t bytes) {
  assert(bytes >= frame_unit && bytes % frame_unit == 0 && bytes <= limits::link_message_bytes_max);
  const bool chunked = bytes > limits::link_frame_bytes_max;
  auto frames = Buffer::allocate(bytes + (chunked ? 2 : 1) * link_header_bytes);
  const auto last = header_bytes(static_cast<std::uint32_t>(last_chunk(bytes)), 0);
  write(frames.writable(), chunked ? chunk_header_bytes : last);
  if (chunked) write(frames.writable().last(link_header_bytes), last);
  return frames;
}

std::span<std::byte> message_of(Buffer& frames) noexcept {
  const auto tail = in_chunks(frames) ? link_header_bytes : 0;
  const auto memory = frames.writable();
  return memory.subspan(link_header_bytes, memory.size() - link_header_bytes - tail);
}

std::span<const std::byte> chunk_header() noexcept {
  return chunk_header_bytes;
}

bool in_chunks(const Buffer& frames) noexcept {
  return std::ranges::equal(frames.bytes().first(link_header_bytes), chunk_header_bytes);
}

/// Straight into the body where much of it is missing: then nothing that was read is left (`next` has taken it).
std::span<std::byte> LinkFrameReader::room() {
  assert(read_ahead() < link_header_bytes);
  into_body_ = body_ && missing() >= ahead_.size();
  if (into_body_) return body_.writable().subspan(body_filled_);
  std::memmove(ahead_.data(), ahead_.data() + begin_, read_ahead());
  end_ = read_ahead();
  begin_ = 0;
  return std::span(ahead_).subspan(end_);
}

void LinkFrameReader::filled(std::size_t bytes) {
  assert(bytes <= (into_body_ ? missing() : ahead_.size() - end_));
  (into_body_ ? body_filled_ : end_) += bytes;
}

Result<std::optional<Buffer>> LinkFrameReader::next() {
  while (!broken_) {
    if (!body_ && !begin_frame()) break;
    take_ahead();
    if (missing() > 0) break;
    if (auto message = end_frame()) return message;
  }
  if (!broken_) return std::optional<Buffer>();
  begin_ = end_ = 0;
  return *broken_;
}

std::optional<Error> LinkFrameReader::problem(const Header& header) const {
  const bool more = (header.flags & more_follows) != 0;
  const auto total = chunk_bytes_ + header.bytes;
  if (header.bytes > limits::link_frame_bytes_max) {
    return too_large("the frame", header.bytes, "link_frame_bytes_max", limits::link_frame_bytes_max);
  }
  if (header.bytes == 0 || header.bytes % frame_unit != 0) {
    return bad("a length of " + std::to_string(header.bytes) + " bytes, which is no multiple of 8 from 8 on");
  }
  if (header.flags > more_follows) return bad("unknown flags " + std::to_string(header.flags));
  if (header.reserved != decltype(header.reserved){}) return bad("reserved bytes that are not zero");
  if (more && header.bytes != limits::link_frame_bytes_max) {
    return bad("one of " + std::to_string(header.bytes) + " bytes, and more follows; then it has all of " +
               std::to_string(limits::link_frame_bytes_max));
  }
  if (take_ == Take::hello && total > limits::link_hello_bytes_max) {
    return too_large("the first message", total, "link_hello_bytes_max", limits::link_hello_bytes_max);
  }
  if (total > limits::link_message_bytes_max) {
    return too_large("the message", total, "link_message_bytes_max", limits::link_message_bytes_max);
  }
  return std::nullopt;
}

bool LinkFrameReader::begin_frame() {
  if (read_ahead() < link_header_bytes) return false;
  Header header;
  std::memcpy(&header, ahead_.data() + begin_, sizeof header);
  broken_ = problem(header);
  if (broken_) return false;
  begin_ += link_header_bytes;
  more_ = (header.flags & more_follows) != 0;
  body_ = Buffer::allocate(header.bytes);
  body_filled_ = 0;
  return true;
}

void LinkFrameReader::take_ahead() {
  const auto bytes = std::min(read_ahead(), missing());
  std::memcpy(body_.writable().data() + body_filled_, ahead_.data() + begin_, bytes);
  body_filled_ += bytes;
  begin_ += bytes;
}

/// The message, if that was the last frame of it.
std::optional<Buffer> LinkFrameReader::end_frame() {
  auto body = std::exchange(body_, Buffer());
  if (!more_ && chunks_.empty()) return body;
  chunk_bytes_ += body.bytes().size();
  chunks_.push_back(std::move(body));
  return more_ ? std::nullopt : std::optional(join());
}

Buffer LinkFrameReader::join() {
  auto whole = Buffer::allocate(chunk_bytes_);
  auto* out = whole.writable().data();
  for (const auto& chunk : chunks_) {
    std::memcpy(out, chunk.bytes().data(), chunk.bytes().size());
    out += chunk.bytes().size();
  }
  chunks_.clear();
  chunk_bytes_ = 0;
  return whole;
}

}  // namespace skep
