#pragma once
// What Beast has read of a WebSocket's beginning and end. Beside websocket_session.cpp alone: Beast compiles slowly.

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <iterator>
#include <string>

#include "frame_scan.hpp"
#include "skep/gateways/limits.hpp"
#include "upgrade.hpp"

namespace skep {

[[nodiscard]] inline std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

[[nodiscard]] inline UpgradeRequest upgrade_request(
    const boost::beast::http::request<boost::beast::http::empty_body>& request) {
  namespace http = boost::beast::http;
  UpgradeRequest upgrade;
  upgrade.method = view(request.method_string());
  upgrade.target = view(request.target());
  upgrade.host = view(request[http::field::host]);
  const auto origin = request.find(http::field::origin);
  if (origin != request.end()) upgrade.origin = view(origin->value());
  upgrade.key = view(request[http::field::sec_websocket_key]);
  upgrade.fields = static_cast<std::size_t>(std::distance(request.begin(), request.end()));
  upgrade.upgrade = boost::beast::websocket::is_upgrade(request);
  upgrade.has_body = request.count(http::field::content_length) + request.count(http::field::transfer_encoding) > 0;
  const auto repeats = [&](http::field field) { return request.count(field) > 1; };
  upgrade.repeats_fields =
      repeats(http::field::host) || repeats(http::field::origin) || repeats(http::field::sec_websocket_key);
  return upgrade;
}

/// What a client is told whose message broke a limit.
struct LimitBroken {
  boost::beast::websocket::close_code code;
  std::string reason;
};

[[nodiscard]] inline LimitBroken limit_broken(FrameScan::Stop stop, std::size_t message_bytes_max) {
  using boost::beast::websocket::close_code;
  if (stop == FrameScan::Stop::too_big) {
    return {close_code::too_big, "message_bytes_max = " + std::to_string(message_bytes_max)};
  }
  const auto frames = std::to_string(limits::websocket_message_frames_max);
  return {close_code::policy_error, "websocket_message_frames_max = " + frames + ", and one more for each KiB"};
}

/// What clients close with that have no complaint.
[[nodiscard]] inline bool in_good_order(std::uint16_t code) {
  using boost::beast::websocket::close_code;
  return code == close_code::none || code == close_code::normal || code == close_code::going_away;
}

}  // namespace skep
