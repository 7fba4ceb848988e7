#include "bench/load_wire.hpp"

#include <algorithm>

#include "skep/serialization/json.hpp"

namespace skep::bench {
namespace {

bool eat(std::string_view& text, char wanted) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

/// Cheap for answers that are none.
bool looks_like_error(std::string_view answer) {
  constexpr std::string_view key = "error\"";
  return eat(answer, '{') && eat(answer, '"') && answer.starts_with(key);
}

}  // namespace

LoadWire::LoadWire(const LoadTarget& target, std::uint64_t seed)
    : target_(target), wire_(std::in_place_type<WebSocketWire>, seed) {
  if (target.protocol == LoadTarget::Protocol::websocket) return;
  wire_.emplace<Frames>(Frames{target.framing, FrameParser(target.framing, limits::payload_bytes_max)});
}

void LoadWire::open(std::string& out) const {
  const auto* websocket = std::get_if<WebSocketWire>(&wire_);
  if (websocket != nullptr) websocket->open(skep::to_string(target_.address), target_.path, out);
}

Result<void> LoadWire::send(std::string_view payload, std::string& out) {
  if (const auto* frames = std::get_if<Frames>(&wire_)) return append_frame(frames->framing, payload, out);
  std::get<WebSocketWire>(wire_).send(payload, out);
  return {};
}

void LoadWire::close(std::string& out) {
  if (auto* websocket = std::get_if<WebSocketWire>(&wire_)) websocket->close(out);
}

void LoadWire::feed(std::string_view bytes) {
  if (auto* frames = std::get_if<Frames>(&wire_)) return frames->parser.feed(bytes);
  std::get<WebSocketWire>(wire_).feed(bytes);
}

Result<bool> LoadWire::opened() {
  auto* websocket = std::get_if<WebSocketWire>(&wire_);
  return websocket == nullptr ? Result<bool>(true) : websocket->opened();
}

Result<std::optional<std::string_view>> LoadWire::next(std::string& out) {
  if (auto* frames = std::get_if<Frames>(&wire_)) return frames->parser.next();
  return std::get<WebSocketWire>(wire_).next(out);
}

std::optional<std::string> error_code_of(std::string_view answer) {
  if (!looks_like_error(answer)) return std::nullopt;
  const auto document = JsonDocument::parse(answer);
  const auto code = document ? document->string("$.error.code") : std::nullopt;
  return code ? std::optional<std::string>(*code) : std::nullopt;
}

}  // namespace skep::bench
