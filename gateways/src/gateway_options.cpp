#include "gateway_options.hpp"

#include <algorithm>
#include <span>

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
  const auto* value = table_.find(option);
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
  if (options.listen.empty()) return;
  const auto address = this->address("listen", options.listen);
  if (!address || address->is_loopback() || options.public_address) return;
  fail("listen", "listening on " + options.listen + " lets other machines in, unencrypted",
       "listen on 127.0.0.1, or set public = true");
}

}  // namespace skep
