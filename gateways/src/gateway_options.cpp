#include "gateway_options.hpp"

#include <algorithm>
#include <span>

#include "access_tokens.hpp"
#include "skep/serialization/json.hpp"

namespace skep {

std::optional<std::chrono::nanoseconds> event_time_unit_from(const std::string& text) {
  using namespace std::chrono_literals;
  if (text == "s") return 1s;
  if (text == "ms") return 1ms;
  if (text == "us") return 1us;
  if (text == "ns") return 1ns;
  return std::nullopt;
}

void OptionChecks::fail(const std::string& option, std::string message, std::string suggestion) {
  fail_at(table_.find(option), std::move(message), std::move(suggestion));
}

void OptionChecks::fail(const std::string& option, std::size_t index, std::string message, std::string suggestion) {
  const auto* list = table_.find(option);
  const auto* values = list != nullptr ? std::get_if<OptionValue::Array>(&list->value) : nullptr;
  const bool there = values != nullptr && index < values->size();
  fail_at(there ? &(*values)[index] : list, std::move(message), std::move(suggestion));
}

void OptionChecks::fail_at(const OptionValue* value, std::string message, std::string suggestion) {
  const auto position = value != nullptr ? value->position : where_;
  const auto alone = std::span(problems_).first(wrong_alone_);
  const auto stands_there = [&](const OptionProblem& problem) { return problem.position == position; };
  if (!alone.empty() && (value == nullptr || std::ranges::any_of(alone, stands_there))) return;
  problems_.push_back({position, std::move(message), std::move(suggestion)});
}

void OptionChecks::shared(const SharedOptions& options, std::optional<std::string> paths_only) {
  const auto path = [&](const std::string& option, const std::string& text, const std::string& word) {
    if (text == word) return;
    if (!is_json_path(text)) {
      fail(option, "'" + option + "' is \"" + word + "\" or a JSON path such as \"$.user\", not \"" + text + "\"");
    } else if (paths_only) {
      fail(option, "'" + option + "' can be a JSON path only " + *paths_only);
    }
  };
  path("key", options.key, "session");
  path("event_time", options.event_time, "arrival");
}

std::optional<HostPort> OptionChecks::address(const std::string& option, const std::string& text) {
  auto address = parse_host_port(text);
  if (address) return *address;
  fail(option, address.error().message);
  return std::nullopt;
}

void OptionChecks::socket(const SocketOptions& options) {
  tls(options);
  tokens(options);
  threads(options);
  if (options.listen.empty()) {
    return only_with({"threads", "public", "newcomers_max", "address_sessions_max", "address_rate", "address_burst"},
                     "'listen'");
  }
  const auto address = this->address("listen", options.listen);
  if (!address || address->is_loopback() || options.public_address || options.with_tls()) return;
  fail("listen", "listening on " + options.listen + " lets other machines in, unencrypted",
       "listen on 127.0.0.1, or set tls_certificate and tls_key, or public = true");
}

void OptionChecks::tokens(const SocketOptions& options) {
  if (!there("tokens") && !there("tokens_file")) {
    only_with({"token_time_max", "wrong_tokens_max"}, "'tokens' or 'tokens_file'", "tokens = [\"sha256:...\"]");
    return;
  }
  for (const auto* option : {"tokens", "tokens_file"}) {
    if (options.listen.empty() && there(option)) {
      fail(option, "'" + std::string(option) + "' is for gateways that listen");
    }
  }
  if (options.listen.empty()) return;
  if (there("tokens_file") && options.tokens_file.path.empty()) fail("tokens_file", "'tokens_file' is empty", "a path");
  if (there("tokens")) listed_tokens(options);
}

void OptionChecks::listed_tokens(const SocketOptions& options) {
  if (options.tokens.empty()) return fail("tokens", "'tokens' is empty: nobody could come in", "leave it out");
  for (std::size_t i = 0; i < options.tokens.size(); ++i) {
    const auto parsed = AccessTokens::parse({options.tokens[i]});
    if (!parsed) fail("tokens", i, "'tokens': " + parsed.error().message, "'skep token' makes a token and its hash");
  }
  const auto all = AccessTokens::parse(options.tokens);
  if (!all && options.tokens.size() > limits::tokens_max) fail("tokens", "'tokens': " + all.error().message);
}

/// Each thread has its part of them, and does nothing without.
void OptionChecks::threads(const SocketOptions& options) {
  const auto divide = [&](const char* option, std::int64_t value) {
    if (value >= options.threads) return;
    fail(option, "'" + std::string(option) + "' = " + std::to_string(value) + " cannot be divided among " +
                     std::to_string(options.threads) + " threads");
  };
  divide("sessions_max", options.sessions_max);
  divide("requests_max", options.requests_max);
  divide("newcomers_max", options.newcomers_max);
}

std::set<std::string> options_in(const OptionValue& table) {
  std::set<std::string> names;
  const auto* members = std::get_if<OptionValue::Table>(&table.value);
  if (members == nullptr) return names;
  for (const auto& member : *members) names.insert(member.key);
  return names;
}

void keep_word(const OptionValue& table, std::string_view option, const std::string& word, FilePath& path) {
  const auto* value = table.find(option);
  const auto* text = value != nullptr ? std::get_if<std::string>(&value->value) : nullptr;
  if (text != nullptr && *text == word) path.path = word;
}

/// Its files may be those of another machine: whoever starts the gateway looks at them.
void OptionChecks::tls(const SocketOptions& options) {
  for (const auto* option : {"tls_certificate", "tls_key", "tls_client_authorities", "tls_authorities", "tls_name"}) {
    const auto* value = table_.find(option);
    const auto* text = value != nullptr ? std::get_if<std::string>(&value->value) : nullptr;
    if (text != nullptr && text->empty())
      fail(option, "'" + std::string(option) + "' is empty", option == std::string("tls_name") ? "a name" : "a path");
  }
  if (there("tls_certificate") && !there("tls_key")) {
    fail("tls_certificate", "'tls_certificate' needs 'tls_key'", "tls_key = \"key.pem\"");
  }
  options.listen.empty() ? connecting_tls() : listening_tls(options);
}

void OptionChecks::listening_tls(const SocketOptions& options) {
  only_with({"tls_authorities"}, "'connect'", "for those of clients: tls_client_authorities");
  only_with({"tls_name"}, "'connect'");
  if (there("tls_certificate")) return;
  only_with({"tls_key", "tls_client_authorities", "tls_oldest", "tls_handshake_time_max"}, "'tls_certificate'",
            "tls_certificate = \"cert.pem\"");
  if (!options.with_tokens()) only_with({"newcomers_max"}, "'tls_certificate' or 'tokens'");
}

void OptionChecks::connecting_tls() {
  only_with({"tls_client_authorities"}, "'listen'", "for those of the server: tls_authorities");
  if (there("tls_key") && !there("tls_certificate")) {
    fail("tls_key", "'tls_key' needs 'tls_certificate'", "tls_certificate = \"cert.pem\"");
  }
  if (there("tls_authorities")) return;
  only_with({"tls_certificate", "tls_key", "tls_name", "tls_oldest", "tls_handshake_time_max"}, "'tls_authorities'",
            "tls_authorities = \"ca.pem\", or \"system\"");
}

/// Of what is not there: it would do nothing, which nobody who sets it expects.
void OptionChecks::only_with(std::initializer_list<const char*> options, const std::string& needed,
                             const std::string& suggestion) {
  for (const auto* option : options) {
    if (there(option)) fail(option, "'" + std::string(option) + "' needs " + needed, suggestion);
  }
}

}  // namespace skep
