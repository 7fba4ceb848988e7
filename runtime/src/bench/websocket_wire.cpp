#include "bench/websocket_wire.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <span>

#include "skep/gateways/limits.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/base64.hpp"
#include "skep/serialization/limits.hpp"
#include "websocket/websocket_accept.hpp"
#include "websocket/websocket_writer.hpp"

namespace skep::bench {
namespace {

Error no_websocket(const std::string& why) {
  return {errc::unavailable, "it does not become a WebSocket: " + why};
}

Error unreadable(std::string_view why) {
  return {errc::bad_record, "what the server sends cannot be read: " + std::string(why)};
}

std::string lower(std::string_view word) {
  std::string lowered(word);
  std::ranges::transform(lowered, lowered.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

std::string_view trimmed(std::string_view text) {
  constexpr auto space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// The value of a field of an HTTP header; empty if there is none.
std::string_view field(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = std::min(header.find("\r\n"), header.size());
    const auto line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || lower(line.substr(0, colon)) != name) continue;
    return trimmed(line.substr(colon + 1));
  }
  return {};
}

/// Of a close: " (1008: reason)".
std::string reason_of(const WebSocketEvent& close) {
  if (close.code == WebSocketCloseCode::no_status) return "";
  const auto code = std::to_string(static_cast<unsigned>(close.code));
  return " (" + code + (close.bytes.empty() ? "" : ": " + printable(close.bytes)) + ")";
}

}  // namespace

WebSocketWire::WebSocketWire(std::uint64_t seed)
    : random_(seed), reader_({.role = WebSocketRole::client, .message_bytes_max = limits::payload_bytes_max}) {
  std::array<std::byte, 16> nonce;
  for (auto& byte : nonce) byte = static_cast<std::byte>(random_.below(256));
  key_ = to_base64(nonce);
}

void WebSocketWire::open(std::string_view host, std::string_view path, std::string_view token, std::string& out) const {
  out.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
  out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
  out.append(key_).append("\r\n");
  if (!token.empty()) out.append("Authorization: Bearer ").append(token).append("\r\n");
  out.append("\r\n");
}

void WebSocketWire::send(std::string_view payload, std::string& out) {
  const auto key = make_key();
  out += websocket_header({.opcode = WebSocketOpcode::text, .payload_bytes = payload.size(), .key = key}).view();
  const auto begin = out.size();
  out += payload;
  WebSocketMask(key).apply(std::span(out).subspan(begin));
}

void WebSocketWire::close(std::string& out) {
  out += websocket_close_frame(WebSocketCloseCode::normal, {}, make_key()).view();
}

void WebSocketWire::feed(std::string_view bytes) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_ += bytes;
}

Result<bool> WebSocketWire::opened() {
  if (opened_) return true;
  constexpr std::string_view header_end = "\r\n\r\n";
  const auto end = buffer_.find(header_end);
  const bool whole = end != std::string::npos;
  const auto length = whole ? end : buffer_.size(), begun = whole ? 0 : header_end.size() - 1;
  if (length > limits::upgrade_header_bytes_max + begun) return no_websocket("its HTTP header is too long");
  if (!whole) return false;
  const auto header = std::string_view(buffer_).substr(0, end);
  const auto status = header.substr(0, header.find("\r\n"));
  if (status.starts_with("HTTP/1.1 401")) return Error{errc::unauthorized, printable(status)};
  if (!status.starts_with("HTTP/1.1 101")) {
    constexpr std::size_t shown_max = 200;
    const auto body = trimmed(std::string_view(buffer_).substr(end + header_end.size(), shown_max));
    return no_websocket(printable(status.substr(0, shown_max)) + (body.empty() ? "" : ": " + printable(body)));
  }
  if (field(header, "sec-websocket-accept") != websocket_accept(key_))
    return no_websocket("it answers another request");
  begin_ = end + header_end.size();
  return opened_ = true;
}

Result<WebSocketWire::Message> WebSocketWire::next(std::string& out) {
  using Kind = WebSocketEvent::Kind;
  while (true) {
    auto rest = std::span(buffer_).subspan(begin_);
    const auto event = reader_.next(rest);
    begin_ = buffer_.size() - rest.size();
    if (event.kind == Kind::none) return Message();
    if (event.kind == Kind::close) return Error{errc::unavailable, "the server has closed" + reason_of(event)};
    if (event.kind == Kind::error) return unreadable(event.bytes);
    if (event.kind == Kind::ping) pong(event.bytes, out);
    if (event.kind != Kind::piece) continue;
    if (const auto message = joined(event)) return message;
  }
}

/// A server that pings and reads nothing must not fill the memory here: what it left unread is answer enough.
void WebSocketWire::pong(std::string_view bytes, std::string& out) {
  constexpr std::size_t unread_bytes_max = 1 << 16;
  if (out.empty()) pongs_ = 0;
  if (pongs_ > unread_bytes_max) return;
  const auto before = out.size();
  out += websocket_control_frame(WebSocketOpcode::pong, bytes, make_key()).view();
  pongs_ += out.size() - before;
}

/// The message that ends with this piece, if one does.
WebSocketWire::Message WebSocketWire::joined(const WebSocketEvent& piece) {
  if (piece.first && piece.last) return piece.bytes;
  if (piece.first) message_.clear();
  message_ += piece.bytes;
  return piece.last ? Message(message_) : std::nullopt;
}

/// Payloads are those of who runs the bench: nobody has to be kept from foreseeing it.
WebSocketMask::Key WebSocketWire::make_key() {
  return std::bit_cast<WebSocketMask::Key>(static_cast<std::uint32_t>(random_.below(std::uint64_t{1} << 32)));
}

}  // namespace skep::bench
