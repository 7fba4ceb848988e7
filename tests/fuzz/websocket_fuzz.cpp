// A stream of bytes is the same messages however it is cut, all of them within the limits, and nothing after its end;
// written anew, these messages are the same again.

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fuzz_input.hpp"
#include "skep/serialization/framing.hpp"
#include "websocket/websocket_reader.hpp"
#include "websocket/websocket_writer.hpp"

namespace skep::fuzz {
namespace {

using Kind = WebSocketEvent::Kind;

struct Heard {
  Kind kind;  ///< a piece: a whole message
  bool is_text;
  WebSocketCloseCode code;
  std::string bytes;

  friend bool operator==(const Heard&, const Heard&) = default;
};

struct Outcome {
  std::vector<Heard> heard;
  std::string unfinished;  ///< message
  std::size_t read = 0;    ///< bytes, up to the last event or the end
  bool ended = false;
  bool within = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void hear(const WebSocketEvent& event, const WebSocketReader::Settings& settings, Outcome& outcome) {
  if (event.kind == Kind::piece) {
    require(event.first ? outcome.unfinished.empty() : !event.bytes.empty() || event.last);
    outcome.unfinished += event.bytes;
    require(outcome.unfinished.size() <= settings.message_bytes_max);
    if (!event.last) return;
    require(!event.is_text || is_utf8(outcome.unfinished));
    outcome.heard.push_back({event.kind, event.is_text, event.code, std::exchange(outcome.unfinished, {})});
    return;
  }
  require(event.bytes.size() <= websocket_control_bytes_max);
  if (event.kind == Kind::error) outcome.unfinished.clear();
  if (event.kind == Kind::error) require(may_be_sent(event.code) && !event.bytes.empty());
  if (event.kind == Kind::close) {
    require(may_be_sent(event.code) || (event.code == WebSocketCloseCode::no_status && event.bytes.empty()));
    require(is_utf8(event.bytes));
  }
  outcome.heard.push_back({event.kind, event.is_text, event.code, std::string(event.bytes)});
}

bool lies_in(std::string_view bytes, std::span<const char> in) {
  return bytes.empty() || (bytes.data() >= in.data() && bytes.data() + bytes.size() <= in.data() + in.size());
}

Outcome play(std::string_view stream, const WebSocketReader::Settings& settings, std::size_t piece_bytes) {
  WebSocketReader reader(settings);
  Outcome outcome;
  std::unique_ptr<char[]> room;
  std::size_t room_bytes = 0;
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    const auto here = stream.substr(at, piece_bytes);
    // Of its very size, so that sanitizers see what is past it. A new one only for the last: they are dear.
    if (here.size() != room_bytes) room = std::make_unique<char[]>(room_bytes = here.size());
    std::ranges::copy(here, room.get());
    const std::span<char> piece(room.get(), room_bytes);
    auto in = piece;
    for (;;) {
      const bool ended = reader.ended();
      const auto event = reader.next(in);
      if (!ended) outcome.read = at + piece.size() - in.size();
      if (event.kind == Kind::none) break;
      require(!ended);
      require(reader.ended() == (event.kind == Kind::close || event.kind == Kind::error));
      require(event.kind != Kind::piece || lies_in(event.bytes, piece));
      hear(event, settings, outcome);
    }
    require(in.empty());
  }
  outcome.ended = reader.ended();
  outcome.within = reader.within();
  require(!outcome.ended || !outcome.within);
  return outcome;
}

void append(const Heard& heard, const WebSocketKey& key, std::string& stream) {
  if (heard.kind == Kind::close) {
    stream += websocket_close_frame(heard.code, heard.bytes, key).view();
  } else if (heard.kind == Kind::piece) {
    const auto opcode = heard.is_text ? WebSocketOpcode::text : WebSocketOpcode::binary;
    stream += websocket_header({.opcode = opcode, .payload_bytes = heard.bytes.size(), .key = key}).view();
    auto payload = heard.bytes;
    if (key) WebSocketMask(*key).apply(payload);
    stream += payload;
  } else {
    const auto opcode = heard.kind == Kind::ping ? WebSocketOpcode::ping : WebSocketOpcode::pong;
    stream += websocket_control_frame(opcode, heard.bytes, key).view();
  }
}

void write_anew(std::vector<Heard> heard, const WebSocketReader::Settings& settings) {
  if (!heard.empty() && heard.back().kind == Kind::error) heard.pop_back();
  constexpr WebSocketMask::Key key{'\x37', '\xFA', '\x21', '\x3D'};
  std::string stream;
  for (const auto& each : heard) {
    append(each, settings.role == WebSocketRole::server ? WebSocketKey(key) : WebSocketKey(), stream);
  }
  const auto outcome = play(stream, settings, stream.size());
  require(outcome.heard == heard);
  require(outcome.read == stream.size() && !outcome.within);
}

}  // namespace
}  // namespace skep::fuzz

/// The first byte is the role and the limits, the second the size of a read; the others are the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skep;
  if (size < 2) return 0;
  WebSocketReader::Settings settings{.role = data[0] % 2 == 0 ? WebSocketRole::server : WebSocketRole::client};
  if (data[0] & 2) settings.message_bytes_max = 100;
  if (data[0] & 4) settings.message_frames_max = 3;
  const auto stream = fuzz::text_of(data + 2, size - 2);
  const auto whole = fuzz::play(stream, settings, std::max<std::size_t>(stream.size(), 1));
  fuzz::require(fuzz::play(stream, settings, 1) == whole);
  fuzz::require(fuzz::play(stream, settings, data[1] % 64 + 1u) == whole);
  fuzz::write_anew(whole.heard, settings);
  return 0;
}
