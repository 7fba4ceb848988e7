// The `tcp` gateway: its options, and how its sessions come to be.

#include <caf/actor_system.hpp>

#include "gateway_core.hpp"
#include "gateway_options.hpp"
#include "gateway_plan.hpp"
#include "gateway_types.hpp"
#include "socket_transport.hpp"
#include "tcp_session.hpp"

namespace skep {
namespace {

struct TcpOptions : SocketOptions {
  std::string connect;
  FilePath tls_authorities;
  std::string tls_name;  ///< "": the host of `connect`
  std::string framing = "line";
  std::string content = "json";
  ByteSize frame_bytes_max{limits::frame_bytes_max};
  std::chrono::nanoseconds token_time_max = limits::token_time_max;
  std::chrono::nanoseconds connect_delay_min = limits::connect_delay_min;
  std::chrono::nanoseconds connect_delay_max = limits::connect_delay_max;
  std::chrono::nanoseconds connect_time_max = limits::connect_time_max;
};

OptionSet<TcpOptions> tcp_option_set() {
  OptionSet<TcpOptions> set;
  add_socket_options(set);
  set.add("connect", &TcpOptions::connect, "host:port of a peer to connect to, instead of `listen`");
  set.add(
      "tls_authorities", &TcpOptions::tls_authorities,
      "with `connect`: TLS, and a PEM file of those who may have signed the server's certificate; or \"system\": those "
      "that this system trusts");
  set.add(
      "tls_name", &TcpOptions::tls_name,
      "with `connect`: the name or address that the server's certificate has to be for; none: the host of `connect`");
  set.add("framing", &TcpOptions::framing, "a line each, or a 32-bit big-endian length before each",
          {.one_of = {"line", "length"}});
  set.add("content", &TcpOptions::content, "what the frames hold", {.one_of = {"json", "raw", "tensor", "capnp"}});
  set.add("frame_bytes_max", &TcpOptions::frame_bytes_max, "one line or frame that a client sends",
          {.min = 1, .max = double(limits::payload_bytes_max)});
  set.add("token_time_max", &TcpOptions::token_time_max, "from the connection to the frame with a client's token",
          {.min = 0.001, .max = 3600});
  set.add("connect_delay_min", &TcpOptions::connect_delay_min, "before a second attempt to connect; doubles",
          {.min = 0.001, .max = 3600});
  set.add("connect_delay_max", &TcpOptions::connect_delay_max, "up to this", {.min = 0.001, .max = 3600});
  set.add("connect_time_max", &TcpOptions::connect_time_max, "one attempt to connect", {.min = 0.001, .max = 3600});
  return set;
}

TcpSession::Settings tcp_settings(const TcpOptions& options, const GatewaySettings& gateway) {
  return {options.framing == "line" ? Framing::line : Framing::length,
          *wire_content_from(options.content),
          static_cast<std::size_t>(options.frame_bytes_max.bytes),
          options.idle_max,
          options.frame_time_max,
          options.token_time_max,
          static_cast<std::size_t>(options.sessions_max),
          gateway.receives,
          gateway.answers || options.connect.empty()};
}

TakeClient take_client(GatewayCore& gateway, const TcpOptions& options) {
  return [&gateway, settings = tcp_settings(options, gateway.settings())](Client client, GatewayCore::Admit admit) {
    boost::intrusive_ptr session(new TcpSession(gateway, std::move(client), settings));
    gateway.add(session, admit);
    if (admit == GatewayCore::Admit::full) session->turn_away();
  };
}

std::string server_name(const TcpOptions& options) {
  return options.tls_name.empty() ? parse_host_port(options.connect)->host : options.tls_name;
}

ConnectingTransport::Settings connecting_settings(const TcpOptions& options) {
  ConnectingTransport::Settings settings{{*parse_host_port(options.connect), options.connect_delay_min,
                                          options.connect_delay_max, options.connect_time_max,
                                          options.connect_delay_max}};
  settings.handshake_time_max = options.tls_handshake_time_max;
  if (!options.tls_authorities.path.empty()) {
    settings.tls = {options.tls_certificate.path, options.tls_key.path, options.tls_authorities.path,
                    oldest_tls(options), server_name(options)};
  }
  return settings;
}

std::unique_ptr<Transport> make_tcp_transport(GatewayCore& gateway, const TcpOptions& options) {
  auto take = take_client(gateway, options);
  if (!options.listen.empty()) {
    return std::make_unique<ListeningTransport>(gateway, listening_settings(options), std::move(take));
  }
  return std::make_unique<ConnectingTransport>(gateway, connecting_settings(options), std::move(take));
}

void check_server(const TcpOptions& options, OptionChecks& checks) {
  const auto address = checks.address("connect", options.connect);
  if (!address || options.tls_authorities.path.empty() || StreamTls::can_be_for(server_name(options))) return;
  checks.fail(options.tls_name.empty() ? "connect" : "tls_name",
              "'" + server_name(options) + "' is no name that a certificate could be for",
              "tls_name = \"shop.example.org\"");
}

void check(const TcpOptions& options, OptionChecks checks) {
  const bool has_paths = options.content == "json" || options.content == "capnp";
  checks.shared(options, has_paths ? std::nullopt : std::optional(R"(where `content` is "json" or "capnp")"));
  checks.socket(options);
  if (options.listen.empty() == options.connect.empty()) {
    checks.fail(options.listen.empty() ? "" : "connect", "a tcp gateway needs either `listen` or `connect`",
                "listen = \"127.0.0.1:9000\"");
  }
  if (!options.connect.empty()) check_server(options, checks);
  if (options.framing == "line" && options.content == "tensor") {
    checks.fail("content", "tensors are binary and do not fit lines", "framing = \"length\"");
  }
  if (options.framing == "line" && options.content == "capnp") {
    checks.fail("content", "Cap'n Proto is binary and does not fit lines", "framing = \"length\"");
  }
}

ConfiguredGateway configure_tcp(const OptionValue& table, SourcePosition where) {
  TcpOptions options;
  ConfiguredGateway configured;
  configured.problems = tcp_option_set().read(table, where, options);
  options.set = options_in(table);
  keep_word(table, "tls_authorities", system_authorities, options.tls_authorities);
  check(options, {table, where, configured.problems});
  if (!configured.problems.empty()) return configured;
  if (!options.listen.empty()) configured.listen = *parse_host_port(options.listen);
  const auto tls = options.listen.empty() ? connecting_settings(options).tls : server_tls_files(options);
  configured.check_files = file_checks(tls, token_sources(options), table);
  configured.reloads = configured.check_files != nullptr;
  configured.threads = static_cast<std::uint32_t>(options.threads);
  const auto content = *wire_content_from(options.content);
  configured.kinds = {kind_of(content)};
  configured.spawn = [options, content](caf::actor_system& system, GatewayHost& host, GatewaySettings settings) {
    const auto make = [options](GatewayCore& gateway) { return make_tcp_transport(gateway, options); };
    return host.spawn(system, {options, {content, content, content, content == WireContent::json}, make},
                      std::move(settings));
  };
  return configured;
}

}  // namespace

GatewayRegistry::Entry tcp_gateway() {
  return {{"tcp", "Frames over TCP: a line each, or a length before each.", tcp_option_set().descriptions()},
          configure_tcp};
}

}  // namespace skep
