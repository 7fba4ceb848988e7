#pragma once
// Options that gateway types have in common, and their checks. Each type adds its own to these.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/option.hpp"
#include "skep/gateways/host_port.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {

/// Of every gateway.
struct SharedOptions {
  std::string key = "session";         ///< or a path such as "$.user"
  std::string event_time = "arrival";  ///< or a path such as "$.ts"
  std::string event_time_unit = "ms";  ///< of numbers found there, since the epoch
  std::string overflow = "auto";       ///< "reject" where clients are answered, else "block"
  std::int64_t requests_max = limits::gateway_requests_max;
  std::int64_t session_requests_max = limits::session_requests_max;
  std::chrono::nanoseconds deadline = limits::request_deadline;
  std::chrono::nanoseconds drain_time_max = limits::drain_time_max;
  ByteSize reply_bytes_max{limits::reply_bytes_max};
  ByteSize write_bytes_max{limits::session_write_bytes_max};
  std::chrono::nanoseconds write_stall_max = limits::write_stall_max;
  std::chrono::nanoseconds close_time_max = limits::close_time_max;
};

/// Of gateways whose peer is a socket.
struct SocketOptions : SharedOptions {
  std::string listen;
  bool public_address = false;
  FilePath tls_certificate;
  FilePath tls_key;
  FilePath tls_client_authorities;
  std::string tls_oldest = "1.2";
  std::chrono::nanoseconds tls_handshake_time_max = limits::tls_handshake_time_max;
  std::int64_t newcomers_max = limits::gateway_newcomers_max;
  std::vector<std::string> tokens;  ///< their hashes
  FilePath tokens_file;
  std::int64_t address_sessions_max = limits::address_sessions_max;
  std::int64_t address_rate = limits::address_rate;
  std::int64_t address_burst = limits::address_burst;
  std::int64_t wrong_tokens_max = limits::wrong_tokens_max;
  std::set<std::string> set;  ///< options that stand in the table, whatever they say
  std::int64_t sessions_max = limits::gateway_sessions_max;
  std::int64_t threads = 1;
  std::chrono::nanoseconds idle_max = limits::session_idle_max;
  std::chrono::nanoseconds frame_time_max = limits::frame_time_max;

  /// As a server.
  [[nodiscard]] bool with_tls() const { return !listen.empty() && !tls_certificate.path.empty(); }
  [[nodiscard]] bool with_tokens() const { return !tokens.empty() || !tokens_file.path.empty(); }
};

[[nodiscard]] std::optional<std::chrono::nanoseconds> event_time_unit_from(const std::string& text);

/// Problems of values with each other; at `where`, or where the option stands in `table`. What may only follow from
/// `problems`, which values have by themselves, is not said: of an option that has one, and of the table as a whole.
class OptionChecks {
 public:
  OptionChecks(const OptionValue& table, SourcePosition where, std::vector<OptionProblem>& problems)
      : table_(table), where_(where), problems_(problems), wrong_alone_(problems.size()) {}

  void fail(const std::string& option, std::string message, std::string suggestion = {});
  /// At one of a list.
  void fail(const std::string& option, std::size_t index, std::string message, std::string suggestion = {});
  /// `paths_only`: which gateways can have JSON paths, if this one cannot: "where ...".
  void shared(const SharedOptions& options, std::optional<std::string> paths_only = std::nullopt);
  void socket(const SocketOptions& options);
  [[nodiscard]] std::optional<HostPort> address(const std::string& option, const std::string& text);

 private:
  void fail_at(const OptionValue* value, std::string message, std::string suggestion);
  void tls(const SocketOptions& options);
  void listening_tls(const SocketOptions& options);
  void connecting_tls();
  void tokens(const SocketOptions& options);
  void listed_tokens(const SocketOptions& options);
  void threads(const SocketOptions& options);
  void only_with(std::initializer_list<const char*> options, const std::string& needed,
                 const std::string& suggestion = {});
  [[nodiscard]] bool there(const char* option) const { return table_.find(option) != nullptr; }

  const OptionValue& table_;
  SourcePosition where_;
  std::vector<OptionProblem>& problems_;
  std::size_t wrong_alone_;  ///< the first so many of them
};

/// Adds the fields of SharedOptions to a set whose options derive from it.
template <class Options>
void add_shared_options(OptionSet<Options>& set) {
  set.add("key", &SharedOptions::key, "what orders and partitions: \"session\", or a JSON path as \"$.user\"");
  set.add("event_time", &SharedOptions::event_time, "\"arrival\", or the JSON path of a time since the epoch");
  set.add("event_time_unit", &SharedOptions::event_time_unit, "unit of numbers at `event_time`",
          {.one_of = {"s", "ms", "us", "ns"}});
  set.add("overflow", &SharedOptions::overflow, "when the swarm is behind; auto: reject if it answers, else block",
          {.one_of = {"auto", "reject", "block"}});
  set.add("requests_max", &SharedOptions::requests_max, "admitted and unanswered requests of the gateway",
          {.min = 1, .max = 1 << 20});
  set.add("session_requests_max", &SharedOptions::session_requests_max,
          "admitted and unanswered requests of one session", {.min = 1, .max = 1 << 20});
  set.add("deadline", &SharedOptions::deadline, "from a request to its answer", {.min = 0.001, .max = 86400});
  set.add("drain_time_max", &SharedOptions::drain_time_max,
          "at the end: for open requests, for clients to take their answers, and for somebody to take records",
          {.min = 0, .max = 86400});
  set.add("reply_bytes_max", &SharedOptions::reply_bytes_max, "one answer", {.min = 1});
  set.add("write_bytes_max", &SharedOptions::write_bytes_max, "answers that wait for one client", {.min = 1});
  set.add("write_stall_max", &SharedOptions::write_stall_max, "a client that does not read is cut off after this",
          {.min = 0.001, .max = 86400});
  set.add("close_time_max", &SharedOptions::close_time_max,
          "for a client to end its side once the gateway has ended its own", {.min = 0.001, .max = 3600});
}

/// What the table has of them.
[[nodiscard]] std::set<std::string> options_in(const OptionValue& table);
/// Where that stands in the table, `word` is no file beside the swarm file.
void keep_word(const OptionValue& table, std::string_view option, const std::string& word, FilePath& path);

template <class Options>
void add_socket_options(OptionSet<Options>& set) {
  add_shared_options(set);
  set.add("listen", &SocketOptions::listen, "host:port to accept connections on; port 0: the system chooses");
  set.add("public", &SocketOptions::public_address, "allows to listen beyond this machine without TLS, unencrypted");
  set.add("tls_certificate", &SocketOptions::tls_certificate,
          "PEM file: TLS for all clients, with this certificate and those between it and its authority; with "
          "`connect` what it shows a server that asks");
  set.add("tls_key", &SocketOptions::tls_key, "PEM file with the key of that, which nobody but its owner may reach");
  set.add("tls_client_authorities", &SocketOptions::tls_client_authorities,
          "PEM file: clients have to show a certificate that one of these has signed");
  set.add("tls_oldest", &SocketOptions::tls_oldest, "the oldest version of TLS that peers may speak",
          {.one_of = {"1.2", "1.3"}});
  set.add("tls_handshake_time_max", &SocketOptions::tls_handshake_time_max,
          "a peer that has not shaken hands after this goes", {.min = 0.001, .max = 3600});
  set.add("newcomers_max", &SocketOptions::newcomers_max,
          "connections that have not shaken hands, or shown no token yet; one more, and the oldest goes",
          {.min = 1, .max = 1 << 16});
  set.add("tokens", &SocketOptions::tokens,
          "hashes of the tokens of which a client has to show one: \"sha256:...\", as `skep token` makes them, or "
          "\"NAME sha256:...\"");
  set.add("tokens_file", &SocketOptions::tokens_file,
          "file with further ones, a line each, which nobody but its owner may reach; SIGHUP reads it again");
  set.add("address_sessions_max", &SocketOptions::address_sessions_max,
          "connections of one address, IPv6: of one /64; 0: no limit. These four hold for this machine only when set",
          {.min = 0, .max = 1 << 20});
  set.add("address_rate", &SocketOptions::address_rate, "new connections a second of one address; 0: no limit",
          {.min = 0, .max = 1'000'000});
  set.add("address_burst", &SocketOptions::address_burst, "of those, at once", {.min = 1, .max = 1'000'000});
  set.add("wrong_tokens_max", &SocketOptions::wrong_tokens_max,
          "wrong tokens of one address in a minute; then none of it is looked at; 0: no limit",
          {.min = 0, .max = 1'000'000});
  set.add("sessions_max", &SocketOptions::sessions_max, "open connections", {.min = 1, .max = 1 << 20});
  set.add("threads", &SocketOptions::threads,
          "I/O threads that its connections are spread over, of the node's `io_threads`; not where bees send to it",
          {.min = 1, .max = limits::io_threads_max});
  set.add("idle_max", &SocketOptions::idle_max, "a connection with nothing read and nothing owed is closed after this",
          {.min = 0.001, .max = 86400});
  set.add("frame_time_max", &SocketOptions::frame_time_max,
          "a frame or message that is not whole after this ends its connection", {.min = 0.001, .max = 86400});
}

}  // namespace skep
