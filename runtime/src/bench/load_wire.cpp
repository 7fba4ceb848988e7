#include "bench/load_wire.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "access_tokens.hpp"
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

Error unauthorized(const LoadTarget& target) {
  return {errc::unauthorized,
          target.access.token.empty() ? "it asks for a token (--token-file)" : "it refuses the token of --token-file"};
}

}  // namespace

LoadWire::LoadWire(const LoadTarget& target, std::uint64_t seed)
    : target_(target), wire_(std::in_place_type<WebSocketWire>, seed) {
  if (target.protocol == LoadTarget::Protocol::websocket) return;
  wire_.emplace<Frames>(Frames{target.framing, FrameParser(target.framing, limits::payload_bytes_max)});
}

void LoadWire::open(std::string& out) const {
  const auto& token = target_.access.token;
  if (const auto* websocket = std::get_if<WebSocketWire>(&wire_))
    return websocket->open(skep::to_string(target_.address), target_.path, token, out);
  if (token.empty()) return;
  const bool fits = append_frame(target_.framing, "Bearer " + token, out).ok();  // it has no line end
  assert(fits);
  (void)fits;
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
  if (websocket == nullptr) return true;
  auto opened = websocket->opened();
  if (!opened && opened.error().code == errc::unauthorized) return unauthorized(target_);
  return opened;
}

Result<std::optional<std::string_view>> LoadWire::next(std::string& out) {
  if (auto* frames = std::get_if<Frames>(&wire_)) return next_frame(*frames);
  return std::get<WebSocketWire>(wire_).next(out);
}

/// A gateway answers who has no token that is right once, and ends the connection.
Result<std::optional<std::string_view>> LoadWire::next_frame(Frames& frames) {
  const auto answer = frames.parser.next();
  if (!answer && !frames.heard)
    return Error{answer.error().code, "what it sends cannot be read (--framing?): " + answer.error().message};
  const bool first = answer && *answer && !std::exchange(frames.heard, true);
  const auto error = first ? error_of(**answer) : std::nullopt;
  if (error && error->code == to_string(errc::unauthorized)) return unauthorized(target_);
  if (error && error->message.find(no_token_asked) != std::string::npos)
    return Error{errc::unauthorized, "it asks for no token: --token-file is not for it"};
  return answer;
}

std::string LoadWire::at_end() const {
  const auto* frames = std::get_if<Frames>(&wire_);
  const bool unread = frames != nullptr && !frames->heard && frames->parser.buffered() > 0;
  return std::string("the server has closed the connection") +
         (unread ? ", and has sent no whole frame (--framing?)" : "");
}

std::optional<LoadError> error_of(std::string_view answer) {
  if (!looks_like_error(answer)) return std::nullopt;
  const auto document = JsonDocument::parse(answer);
  const auto code = document ? document->string("$.error.code") : std::nullopt;
  if (!code) return std::nullopt;
  return LoadError{std::string(*code), std::string(document->string("$.error.message").value_or(""))};
}

}  // namespace skep::bench
