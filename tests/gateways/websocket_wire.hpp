#pragma once
// Frames as bytes, right or wrong, and what a WebSocketReader makes of them however they are cut. For tables of cases.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "websocket/websocket_reader.hpp"

namespace skep::testing {

using Role = WebSocketRole;

/// One frame, as a table has it.
struct WireFrame {
  enum class Length : std::uint8_t { shortest, bits_16, bits_64 };
  enum class Masked : std::uint8_t { by_role, wrongly };

  unsigned first = 0x81;  ///< byte: FIN, reserved bits, opcode
  std::string payload;
  Length length = Length::shortest;
  Masked masked = Masked::by_role;
  std::uint64_t more_bytes = 0;  ///< announced, and not here
  bool is_raw = false;           ///< `payload` is all of it, as it stands
};

inline WireFrame frame(unsigned first, std::string payload = {}) {
  return {.first = first, .payload = std::move(payload)};
}
inline WireFrame raw(std::string bytes) {
  return {.payload = std::move(bytes), .is_raw = true};
}
inline WireFrame text(std::string payload = {}) {
  return frame(0x81, std::move(payload));
}
inline WireFrame binary(std::string payload = {}) {
  return frame(0x82, std::move(payload));
}
inline WireFrame text_begin(std::string payload = {}) {
  return frame(0x01, std::move(payload));
}
inline WireFrame binary_begin(std::string payload = {}) {
  return frame(0x02, std::move(payload));
}
inline WireFrame more(std::string payload = {}) {
  return frame(0x00, std::move(payload));
}
inline WireFrame end(std::string payload = {}) {
  return frame(0x80, std::move(payload));
}
inline WireFrame ping(std::string payload = {}) {
  return frame(0x89, std::move(payload));
}
inline WireFrame pong(std::string payload = {}) {
  return frame(0x8A, std::move(payload));
}
inline WireFrame close(std::string payload = {}) {
  return frame(0x88, std::move(payload));
}
inline std::string code_bytes(unsigned code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
}
inline WireFrame close(unsigned code, const std::string& reason = {}) {
  return close(code_bytes(code) + reason);
}
inline WireFrame with(WireFrame::Length length, WireFrame frame) {
  frame.length = length;
  return frame;
}
inline WireFrame wrongly_masked(WireFrame frame) {
  frame.masked = WireFrame::Masked::wrongly;
  return frame;
}
inline WireFrame announcing(std::uint64_t more_bytes, WireFrame frame) {
  frame.more_bytes = more_bytes;
  return frame;
}

/// As the peer of a side with `role` sends it. Masks differ from frame to frame.
inline std::string wire(const WireFrame& frame, Role role) {
  using Length = WireFrame::Length;
  if (frame.is_raw) return frame.payload;
  const bool masked = (role == Role::server) == (frame.masked == WireFrame::Masked::by_role);
  const auto size = frame.payload.size() + frame.more_bytes;
  auto length = frame.length;
  if (length == Length::shortest && size > 125) length = size > 0xFFFF ? Length::bits_64 : Length::bits_16;
  const int length_bytes = length == Length::shortest ? 0 : length == Length::bits_16 ? 2 : 8;
  const std::uint64_t in_place = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
  std::string bytes{static_cast<char>(frame.first), static_cast<char>((masked ? 0x80 : 0) | in_place)};
  for (int i = length_bytes - 1; i >= 0; --i) bytes += static_cast<char>(size >> (8 * i));
  if (!masked) return bytes + frame.payload;
  const auto seed = static_cast<char>(frame.first * 31 + size);
  const std::string mask{seed, static_cast<char>(seed + 77), static_cast<char>(0x80), static_cast<char>(seed ^ 0x5A)};
  bytes += mask;
  for (std::size_t i = 0; i < frame.payload.size(); ++i) bytes += static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  return bytes;
}

inline std::string wire(const std::vector<WireFrame>& frames, Role role) {
  std::string bytes;
  for (const auto& frame : frames) bytes += wire(frame, role);
  return bytes;
}

// What the reader says, in words.

/// Long ones as their size, a sum, and how they begin.
inline std::string shown(std::string_view bytes) {
  if (bytes.size() <= 150) return std::string(bytes);
  return std::string(bytes.substr(0, 20)) + "... " + std::to_string(bytes.size()) + " bytes, " +
         std::to_string(std::hash<std::string_view>()(bytes));
}
inline std::string got_text(std::string_view bytes) {
  return "text: " + shown(bytes);
}
inline std::string got_binary(std::string_view bytes) {
  return "binary: " + shown(bytes);
}
inline std::string got_ping(std::string_view payload = {}) {
  return "ping: " + shown(payload);
}
inline std::string got_pong(std::string_view payload = {}) {
  return "pong: " + shown(payload);
}
inline std::string got_close(unsigned code, std::string_view reason = {}) {
  return "close " + std::to_string(code) + ": " + shown(reason);
}
inline std::string got_error(unsigned code, std::string_view why) {
  return "error " + std::to_string(code) + ": " + shown(why);
}
/// The stream ends, or a close comes, before the message does.
inline std::string unfinished(std::string_view got) {
  return "unfinished " + std::string(got);
}

/// All that comes of a stream.
struct Outcome {
  std::vector<std::string> events;
  std::size_t read = 0;  ///< bytes, up to the last event or the end
  bool within = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline void PrintTo(const Outcome& outcome, std::ostream* out) {
  for (const auto& event : outcome.events) *out << "\n  " << event;
  *out << "\n  " << outcome.read << " bytes read" << (outcome.within ? ", within something" : "");
}

/// Puts pieces together, and checks what holds for all of them.
class Listener {
 public:
  void hear(const WebSocketEvent& event, std::span<const char> read) {
    using Kind = WebSocketEvent::Kind;
    const auto code = static_cast<unsigned>(event.code);
    switch (event.kind) {
      case Kind::none:
        break;
      case Kind::piece:
        return hear_piece(event, read);
      case Kind::ping:
        return add(got_ping(event.bytes));
      case Kind::pong:
        return add(got_pong(event.bytes));
      case Kind::close:
        return add(got_close(code, event.bytes));
      case Kind::error:
        open_ = false;
        EXPECT_TRUE(may_be_sent(event.code) && event.bytes.size() <= websocket_control_bytes_max - 2);
        return add(got_error(code, event.bytes));
    }
  }
  std::vector<std::string> end() {
    if (open_) add(unfinished(got()));
    return std::move(events_);
  }

 private:
  void hear_piece(const WebSocketEvent& event, std::span<const char> read) {
    EXPECT_EQ(event.first, !open_);
    EXPECT_TRUE(event.last || !event.bytes.empty());
    EXPECT_TRUE(open_ ? event.is_text == is_text_ : message_.empty());
    EXPECT_TRUE(event.bytes.empty() || (event.bytes.data() >= read.data() &&
                                        event.bytes.data() + event.bytes.size() <= read.data() + read.size()));
    is_text_ = event.is_text;
    message_ += event.bytes;
    open_ = !event.last;
    if (!open_) add(std::exchange(message_, {}), is_text_);
  }
  void add(std::string event) { events_.push_back(std::move(event)); }
  void add(const std::string& message, bool is_text) { add(is_text ? got_text(message) : got_binary(message)); }
  [[nodiscard]] std::string got() const { return is_text_ ? got_text(message_) : got_binary(message_); }

  std::vector<std::string> events_;
  std::string message_;
  bool open_ = false;
  bool is_text_ = false;
};

/// Reads `stream` in pieces of the sizes that `piece_bytes` gives, each in memory of its own size.
template <class Sizes>
Outcome play(std::string_view stream, const WebSocketReader::Settings& settings, Sizes piece_bytes) {
  WebSocketReader reader(settings);
  Listener listener;
  Outcome outcome;
  for (std::size_t at = 0; at < stream.size();) {
    const auto here = stream.substr(at, piece_bytes(at));
    std::vector<char> piece(here.begin(), here.end());
    std::span<char> in(piece);
    for (;;) {
      const bool ended = reader.ended();
      const auto event = reader.next(in);
      if (!ended) outcome.read = at + piece.size() - in.size();
      if (event.kind == WebSocketEvent::Kind::none) break;
      EXPECT_FALSE(ended);
      listener.hear(event, piece);
    }
    EXPECT_TRUE(in.empty());
    at += piece.size();
  }
  outcome.events = listener.end();
  outcome.within = reader.within();
  return outcome;
}

inline Outcome play_whole(std::string_view stream, const WebSocketReader::Settings& settings) {
  return play(stream, settings, [&](std::size_t) { return stream.size(); });
}

/// The same, whatever the pieces are: single bytes, two at every offset (of a long stream: at the first of them), and
/// some of any size.
inline void expect_same_however_cut(std::string_view stream, const WebSocketReader::Settings& settings,
                                    const Outcome& expected) {
  const auto offsets = stream.size() <= 600 ? stream.size() : 40;
  EXPECT_EQ(play(stream, settings, [](std::size_t) { return 1u; }), expected) << "byte by byte";
  for (std::size_t cut = 1; cut < offsets; ++cut) {
    const auto size = [&](std::size_t at) { return at < cut ? cut - at : stream.size(); };
    ASSERT_EQ(play(stream, settings, size), expected) << "cut at " << cut;
  }
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::minstd_rand random(seed);
    const std::size_t size_max = seed % 2 == 0 && stream.size() < 10'000 ? 9 : stream.size() / 2 + 1;
    const auto size = [&](std::size_t) { return 1 + random() % size_max; };
    ASSERT_EQ(play(stream, settings, size), expected) << "seed " << seed;
  }
}

struct WireCase {
  std::string name;
  std::vector<WireFrame> frames;
  std::vector<std::string> events;
  WebSocketReader::Settings settings{};  ///< but for the role: both are tried
};

inline void check(const std::vector<WireCase>& cases) {
  for (const auto& each : cases) {
    for (const auto role : {Role::server, Role::client}) {
      SCOPED_TRACE(each.name + (role == Role::server ? ", read by a server" : ", read by a client"));
      auto settings = each.settings;
      settings.role = role;
      const auto stream = wire(each.frames, role);
      const auto outcome = play_whole(stream, settings);
      EXPECT_EQ(outcome.events, each.events);
      expect_same_however_cut(stream, settings, outcome);
    }
  }
}

}  // namespace skep::testing
