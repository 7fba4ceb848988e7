// The `websocket` gateway: its options, and how its sessions come to be.

#include <caf/actor_system.hpp>

#include "gateway_core.hpp"
#include "gateway_options.hpp"
#include "gateway_plan.hpp"
#include "gateway_types.hpp"
#include "socket_transport.hpp"
#include "websocket_session.hpp"

namespace skep {
namespace {

struct WebSocketOptions : SocketOptions {
  std::string path = "/";
  std::string binary = "raw";
  std::vector<std::string> origins;
  ByteSize message_bytes_max{limits::websocket_message_bytes_max};
  std::chrono::nanoseconds ping_interval = limits::websocket_ping_interval;
  std::chrono::nanoseconds upgrade_time_max = limits::upgrade_time_max;
  std::int64_t control_frames_rate = limits::websocket_control_rate;
};

OptionSet<WebSocketOptions> websocket_option_set() {
  OptionSet<WebSocketOptions> set;
  add_socket_options(set);
  set.add("path", &WebSocketOptions::path, "of the URL, exactly; anything else is 404");
  set.add("binary", &WebSocketOptions::binary,
          "what binary messages hold, and typed records sent out unasked; text is JSON",
          {.one_of = {"raw", "tensor", "capnp"}});
  set.add(
      "origins", &WebSocketOptions::origins,
      "web pages that may connect, as \"https://example.org\"; none: those of this host, and with TLS only as https");
  set.add("message_bytes_max", &WebSocketOptions::message_bytes_max, "one message that a client sends",
          {.min = 1, .max = double(limits::payload_bytes_max)});
  set.add("ping_interval", &WebSocketOptions::ping_interval, "a silent client is pinged after this",
          {.min = 0.001, .max = 86400});
  set.add("upgrade_time_max", &WebSocketOptions::upgrade_time_max, "from the connection to the whole HTTP header",
          {.min = 0.001, .max = 3600});
  set.add("control_frames_rate", &WebSocketOptions::control_frames_rate,
          "pings of one client, and pongs that answer none, a second; those of 10 s may come at once; 0: no limit",
          {.min = 0, .max = 1'000'000});
  return set;
}

WebSocketSession::Settings websocket_settings(const WebSocketOptions& options, const GatewaySettings& gateway) {
  return {{options.path, options.origins, parse_host_port(options.listen)->is_loopback(), options.with_tls()},
          *wire_content_from(options.binary),
          static_cast<std::size_t>(options.message_bytes_max.bytes),
          options.upgrade_time_max,
          options.ping_interval,
          options.idle_max,
          options.frame_time_max,
          static_cast<std::size_t>(options.sessions_max),
          gateway.receives,
          static_cast<std::uint32_t>(options.control_frames_rate)};
}

std::unique_ptr<Transport> make_websocket_transport(GatewayCore& gateway, const WebSocketOptions& options) {
  const auto settings =
      std::make_shared<const WebSocketSession::Settings>(websocket_settings(options, gateway.settings()));
  return std::make_unique<ListeningTransport>(
      gateway, listening_settings(options), [&gateway, settings](Client client, GatewayCore::Admit admit) {
        gateway.add(new WebSocketSession(gateway, std::move(client), settings, admit), admit);
      });
}

void check(const WebSocketOptions& options, OptionChecks checks) {
  checks.shared(options);
  checks.socket(options);
  if (options.listen.empty()) checks.fail("", "a websocket gateway needs `listen`", "listen = \"127.0.0.1:8080\"");
  for (std::size_t i = 0; i < options.origins.size(); ++i) {
    const auto why = why_no_origin(options.origins[i]);
    if (!why.empty())
      checks.fail("origins", i, "'origins': \"" + options.origins[i] + "\" is no origin: " + why,
                  "scheme, host and port alone, as \"https://shop.example.org\"");
  }
  if (options.path.empty() || options.path.front() != '/') checks.fail("path", "`path` begins with '/'");
}

ConfiguredGateway configure_websocket(const OptionValue& table, SourcePosition where) {
  WebSocketOptions options;
  ConfiguredGateway configured;
  configured.problems = websocket_option_set().read(table, where, options);
  options.set = options_in(table);
  check(options, {table, where, configured.problems});
  if (!configured.problems.empty()) return configured;
  configured.listen = *parse_host_port(options.listen);
  configured.check_files = file_checks(server_tls_files(options), token_sources(options), table);
  configured.reloads = configured.check_files != nullptr;
  configured.threads = static_cast<std::uint32_t>(options.threads);
  const WireForm wire{WireContent::json, *wire_content_from(options.binary), WireContent::raw,
                      options.binary != "capnp"};
  configured.kinds = {ContentKind::json, kind_of(wire.binary)};
  configured.spawn = [options, wire](caf::actor_system& system, GatewayHost& host, GatewaySettings settings) {
    const auto make = [options](GatewayCore& gateway) { return make_websocket_transport(gateway, options); };
    return host.spawn(system, {options, wire, make}, std::move(settings));
  };
  return configured;
}

}  // namespace

GatewayRegistry::Entry websocket_gateway() {
  return {{"websocket", "WebSocket messages: text is JSON, binary is raw, tensors or Cap'n Proto.",
           websocket_option_set().descriptions()},
          configure_websocket};
}

}  // namespace skep
