#include "websocket_handshake.hpp"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <iterator>
#include <limits>

#include "beast_text.hpp"
#include "letters.hpp"
#include "skep/gateways/limits.hpp"
#include "websocket/websocket_accept.hpp"

namespace skep {
namespace {

namespace http = boost::beast::http;
using Request = http::request<http::empty_body>;

/// Whether one line of a list has `wanted`. Beast's own reader of lists ends at the first "name/version".
bool has(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (are_alike(item, wanted)) return true;
  }
  return false;
}

/// A list may stand on several lines (RFC 9110, 5.3).
bool lists(const Request& request, http::field field, std::string_view wanted) {
  const auto [first, last] = request.equal_range(field);
  return std::any_of(first, last, [&](const auto& line) { return has(view(line.value()), wanted); });
}

UpgradeRequest upgrade_request(const Request& request) {
  UpgradeRequest upgrade;
  upgrade.method = view(request.method_string());
  upgrade.target = view(request.target());
  upgrade.host = view(request[http::field::host]);
  const auto origin = request.find(http::field::origin);
  if (origin != request.end()) upgrade.origin = view(origin->value());
  upgrade.key = view(request[http::field::sec_websocket_key]);
  upgrade.version = view(request[http::field::sec_websocket_version]);
  upgrade.fields = static_cast<std::size_t>(std::distance(request.begin(), request.end()));
  upgrade.upgrade = request.version() >= 11 && lists(request, http::field::connection, "upgrade") &&
                    lists(request, http::field::upgrade, "websocket");
  upgrade.has_body = request.count(http::field::content_length) + request.count(http::field::transfer_encoding) > 0;
  const auto repeats = [&](http::field field) { return request.count(field) > 1; };
  upgrade.repeats_fields =
      repeats(http::field::host) || repeats(http::field::origin) || repeats(http::field::sec_websocket_key);
  return upgrade;
}

/// Of a header that stands there once.
std::optional<std::string_view> token_of(const Request& request) {
  if (request.count(http::field::authorization) != 1) return std::nullopt;
  return bearer_token(view(request[http::field::authorization]));
}

}  // namespace

class WebSocketHandshake::Parser : public http::request_parser<http::empty_body> {};

WebSocketHandshake::WebSocketHandshake(const UpgradeRules& rules, Judge judge)
    : rules_(rules), judge_(std::move(judge)), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(static_cast<std::uint32_t>(limits::upgrade_header_bytes_max));
  // One of any size is refused, once it is known who asks. Without a limit Beast 1.74 refuses each.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
}

WebSocketHandshake::~WebSocketHandshake() = default;

WebSocketHandshake::State WebSocketHandshake::feed(std::string_view bytes) {
  header_.append(bytes);
  boost::system::error_code failed;
  std::size_t used = 0;
  while (!failed && !parser_->is_header_done()) {
    used += parser_->put(boost::asio::buffer(header_.data() + used, header_.size() - used), failed);
  }
  bytes_ += bytes.size();
  const bool whole = failed != http::error::need_more;
  if (!whole && bytes_ <= limits::upgrade_header_bytes_max) return header_.erase(0, used), State::reading;
  if (!whole || failed == http::error::header_limit) {
    return reject({431, "the header exceeds upgrade_header_bytes_max = " +
                            std::to_string(limits::upgrade_header_bytes_max) + "\n"});
  }
  if (failed) return reject({400, "not HTTP: " + failed.message() + "\n"});
  return conclude(header_.size() - used);
}

WebSocketHandshake::State WebSocketHandshake::conclude(std::size_t bytes_behind) {
  if (const auto refusal = judge_(token_of(parser_->get()))) return refuse(*refusal);
  const auto request = upgrade_request(parser_->get());
  if (const auto refusal = check_upgrade(request, rules_)) return reject(*refusal);
  if (bytes_behind > 0) return reject({400, "frames before the upgrade is answered\n"});
  response_ =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      websocket_accept(request.key) + "\r\n\r\n";
  return State::accepted;
}

WebSocketHandshake::State WebSocketHandshake::reject(const UpgradeRefusal& refusal) {
  why_ = std::to_string(refusal.status) + ' ' + refusal.text;
  why_.pop_back();  // the line feed
  return refuse(refusal);
}

WebSocketHandshake::State WebSocketHandshake::refuse(const UpgradeRefusal& refusal) {
  response_ = "HTTP/1.1 " + std::to_string(refusal.status) + ' ';
  response_ += view(http::obsolete_reason(http::int_to_status(refusal.status)));
  response_ += "\r\nContent-Type: text/plain\r\n";
  if (refusal.status == 401) response_ += "WWW-Authenticate: Bearer\r\n";
  if (refusal.status == 429) {
    response_ += "Retry-After: " + std::to_string(limits::wrong_tokens_period.count()) + "\r\n";
  }
  if (refusal.status == 426) response_ += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  response_ +=
      "Connection: close\r\nContent-Length: " + std::to_string(refusal.text.size()) + "\r\n\r\n" + refusal.text;
  return State::refused;
}

}  // namespace skep
