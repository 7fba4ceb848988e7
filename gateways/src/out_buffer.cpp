#include "out_buffer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

/// Kept by an idle session; more is given back.
constexpr std::size_t memory_kept = limits::session_free_bytes / 2;
constexpr std::size_t length_bytes = 4;

}  // namespace

FrameCounts OutBuffer::wrote(std::size_t bytes) {
  assert(bytes <= bytes_.size() - written_);
  const auto from = std::exchange(written_, written_ + bytes);
  if (written_ == bytes_.size()) {
    const auto all = left_;
    clear();
    return all;
  }
  FrameCounts done;
  for (auto frames = frames_ended(from); frames > 0; --frames) done.add(kinds_[gone_++]);
  left_.answers -= done.answers;
  left_.records -= done.records;
  compact();
  return done;
}

/// How many end between `from` and `written_`.
std::size_t OutBuffer::frames_ended(std::size_t from) {
  const std::string_view bytes(bytes_);
  if (framing_ == Framing::line) {
    const auto written = bytes.substr(from, written_ - from);
    return static_cast<std::size_t>(std::count(written.begin(), written.end(), '\n'));
  }
  std::size_t count = 0;
  while (written_ - frame_ >= length_bytes) {
    const auto size = length_bytes + read_frame_length(bytes.substr(frame_, length_bytes));
    if (written_ - frame_ < size) break;
    frame_ += size;
    ++count;
  }
  return count;
}

void OutBuffer::compact() {
  const auto whole = framing_ == Framing::line ? written_ : frame_;
  if (whole <= bytes_.size() / 2) return;
  bytes_.erase(0, whole);
  written_ -= whole;
  frame_ = 0;
  kinds_.erase(kinds_.begin(), kinds_.begin() + static_cast<std::ptrdiff_t>(gone_));
  gone_ = 0;
}

void OutBuffer::clear() noexcept {
  bytes_.clear();
  kinds_.clear();
  written_ = frame_ = gone_ = 0;
  left_ = {};
  if (bytes_.capacity() > memory_kept) std::string().swap(bytes_);
  if (kinds_.capacity() > memory_kept / 4) std::vector<Outgoing>().swap(kinds_);
}

}  // namespace skep
