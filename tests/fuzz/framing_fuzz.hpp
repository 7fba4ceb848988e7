#pragma once
// A stream of bytes makes the same frames however it is split, within the memory that the limit allows.

#include <string>
#include <utility>
#include <vector>

#include "fuzz_input.hpp"
#include "skep/serialization/framing.hpp"

namespace skep::fuzz {

struct Outcome {
  std::vector<std::string> frames;
  bool failed = false;
  std::string rest;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline void take(FrameParser& parser, std::size_t frame_bytes_max, Outcome& outcome) {
  for (;;) {
    const auto frame = parser.next();
    if (!frame) outcome.failed = true;
    if (!frame || !*frame) return;
    require((*frame)->size() <= frame_bytes_max);
    outcome.frames.emplace_back(**frame);
  }
}

/// The first two bytes are the limit and the size of a read; the others are the stream.
inline int split_frames(Framing framing, const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t frame_bytes_max = data[0], read_bytes = data[1] % 16 + 1;
  const auto stream = text_of(data + 2, size - 2);
  FrameParser at_once(framing, frame_bytes_max), split(framing, frame_bytes_max), lent(framing, frame_bytes_max);
  Outcome expected, outcome, of_lent;
  at_once.feed(stream);
  take(at_once, frame_bytes_max, expected);
  expected.rest = at_once.rest();
  for (std::size_t at = 0; at < stream.size(); at += read_bytes) {
    split.feed(stream.substr(at, read_bytes));
    take(split, frame_bytes_max, outcome);
    require(split.buffered() <= frame_bytes_max + 4 + read_bytes);
    const std::string room(stream.substr(at, read_bytes));  // and no longer
    lent.lend(room);
    take(lent, frame_bytes_max, of_lent);
    lent.trim();
  }
  outcome.rest = split.rest();
  of_lent.rest = lent.rest();
  require(outcome == expected);
  require(of_lent == expected);
  return 0;
}

}  // namespace skep::fuzz
