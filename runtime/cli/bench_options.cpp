#include "bench_options.hpp"

#include <algorithm>
#include <random>

#include "bench/load_tls.hpp"
#include "plugin_options.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/nearest.hpp"
#include "text_file.hpp"

namespace skep::cli {
namespace {

using bench::LoadTarget;
using bench::Payloads;

constexpr const char* default_template = R"({"id": {i}})";

std::string text(const Arguments& arguments, const char* name) {
  return arguments.values.count(name) == 0 ? "" : arguments.values[name].as<std::string>();
}

bool given(const Arguments& arguments, const char* name) {
  return arguments.values.count(name) != 0;
}

Error wrong(const std::string& what) {
  return {errc::invalid_argument, what};
}

bench::LoadPlanText plan_text(const Arguments& arguments) {
  const auto option = [&](const char* name) { return text(arguments, name); };
  return {.clients = option("clients"),
          .in_flight = option("in-flight"),
          .rate = option("rate"),
          .arrivals = option("arrivals"),
          .seed = option("seed"),
          .warm_up = option("warm-up"),
          .duration = option("duration"),
          .timeout = option("timeout"),
          .p99 = option("p99"),
          .ramp = given(arguments, "ramp")};
}

Result<Payloads> read_payloads(const Arguments& arguments, std::uint64_t seed) {
  if (!given(arguments, "payload")) {
    auto parsed =
        bench::PayloadTemplate::parse(given(arguments, "template") ? text(arguments, "template") : default_template);
    if (!parsed) return wrong("--template: " + parsed.error().message);
    return Payloads(std::move(parsed).value(), seed);
  }
  if (given(arguments, "template")) return wrong("--payload and --template: one of them");
  const auto path = text(arguments, "payload");
  const auto file = read_text_file(path, limits::bench_payload_file_bytes_max);
  if (!file) {
    const auto limit = file.error().code == errc::too_large ? " (bench_payload_file_bytes_max)" : "";
    return wrong("--payload: '" + printable(path) + "' " + file.error().message + limit);
  }
  auto lines = Payloads::of_lines(*file);
  if (!lines) return wrong("--payload: '" + printable(path) + "': " + lines.error().message);
  return lines;
}

Result<Framing> read_framing(const std::string& name) {
  if (name == "line") return Framing::line;
  if (name == "length") return Framing::length;
  return wrong("no framing '" + printable(name) + "' (" + suggest(name, {"line", "length"}) + ")");
}

/// `secure`: the address asks for TLS.
Result<std::optional<bench::LoadTls>> read_tls_options(const Arguments& arguments, bool secure) {
  if (given(arguments, "tls-certificate") != given(arguments, "tls-key"))
    return wrong("--tls-certificate and --tls-key: both of them, or none");
  const bool named = given(arguments, "tls-authorities");
  for (const auto* option : {"tls-name", "tls-certificate"}) {
    if (given(arguments, option) && !named && !secure)
      return wrong("--" + std::string(option) + " needs --tls-authorities");
  }
  if (!named && !secure) return std::optional<bench::LoadTls>();
  return std::optional(bench::LoadTls{named ? text(arguments, "tls-authorities") : "system",
                                      text(arguments, "tls-name"), text(arguments, "tls-certificate"),
                                      text(arguments, "tls-key")});
}

/// The one word in a file that nobody but its owner may reach.
Result<std::string> read_token(const std::string& path) {
  const auto refused = [&](const std::string& why) { return wrong("--token-file: '" + printable(path) + "' " + why); };
  auto token = read_secret_file(path, limits::token_line_bytes_max, "a token");
  if (!token) return refused(token.error().message);
  token->erase(token->find_last_not_of(" \t\r\n") + 1);
  const bool word = std::ranges::all_of(*token, [](char c) { return c > ' ' && c <= '~'; });
  if (token->empty() || !word) return refused("has to hold a token, as 'skep token' makes them, and nothing else");
  return token;
}

Result<bench::LoadAccess> read_access(const Arguments& arguments, const std::string& address) {
  bench::LoadAccess access;
  const auto target = bench::parse_target(address);
  auto tls = read_tls_options(arguments, target.ok() && target->secure);
  if (!tls) return tls.error();
  access.tls = std::move(tls).value();
  if (!given(arguments, "token-file")) return access;
  auto token = read_token(text(arguments, "token-file"));
  if (!token) return token.error();
  access.token = std::move(token).value();
  return access;
}

Result<LoadTarget> read_target(const Arguments& arguments, const std::string& address,
                               const bench::LoadAccess& access) {
  auto target = bench::parse_target(address);
  if (!target) return target.error();
  target->access = access;
  if (const auto tls = bench::read_tls(*target); !tls) return wrong(tls.error().message);
  for (const auto* option : {"gateway", "threads", "plugins"}) {
    if (given(arguments, option)) return wrong("--" + std::string(option) + " is for swarm files");
  }
  if (!given(arguments, "framing")) return target;
  if (target->protocol != LoadTarget::Protocol::tcp) return wrong("--framing is for tcp:// and tls://");
  const auto framing = read_framing(text(arguments, "framing"));
  if (!framing) return framing.error();
  target->framing = *framing;
  return target;
}

Words node_settings_of(const Arguments& arguments) {
  Words words;
  if (given(arguments, "threads")) words.insert(words.end(), {"--threads", text(arguments, "threads")});
  if (!given(arguments, "plugins")) return words;
  for (const auto& directory : arguments.values["plugins"].as<Words>()) {
    words.insert(words.end(), {"--plugins", directory});
  }
  return words;
}

}  // namespace

options::options_description bench_option_table() {
  options::options_description table;
  const auto add = [&table](const char* name, const char* value, const char* doc) {
    table.add_options()(name, options::value<std::string>()->value_name(value), doc);
  };
  add("gateway", "NAME", "of a swarm file: which one is driven (default: its only one that answers)");
  add("framing", "FRAMING", "of tcp://: line, or length (default: line)");
  add("tls-authorities", "FILE",
      "TLS, and PEM of those who may have signed the server's certificate (default of tls:// and wss://: system, those "
      "that this system trusts)");
  add("tls-name", "NAME", "that the server's certificate has to be for (default: the host of the address)");
  add("tls-certificate", "FILE", "PEM: shown to a server that asks for one");
  add("tls-key", "FILE", "PEM: its key");
  add("token-file", "FILE", "with a token, shown to a gateway that asks for one");
  add("clients", "N", "connections (default: 1)");
  add("in-flight", "N",
      "requests of each, sent and not answered (default: 1; with --rate: at most so many, default 1024)");
  add("rate", "R", "an open loop: so many requests a second (default: each client sends when it has room)");
  add("arrivals", "KIND", "of --rate: poisson, independent of each other, or constant (default: poisson)");
  add("seed", "N", "of arrivals and {random} (default: another one each time; it is printed)");
  table.add_options()("ramp", "finds the highest rate that keeps --p99, from --rate on (default: 100)");
  add("p99", "TIME", "of --ramp: the latency that 99 % of all requests are to keep");
  add("duration", "TIME", "of the measurement; with --ramp of each rate (default: 10s)");
  add("warm-up", "TIME", "before it: requests that do not count (default: 1s)");
  add("timeout", "TIME", "of a request, from when it is due (default: 30s)");
  add("payload", "FILE", "records to send, one a line, again and again");
  add("template", "TEXT", "record to send, with {i}, {random}, {random:N} and {now} in it (default: {\"id\": {i}})");
  add("threads", "N", "of a swarm file: of the scheduler; 0: one per core (default: 0)");
  add_plugin_options(table);
  add_output_option(table);
  return table;
}

Result<BenchOptions> read_bench_options(const Words& words) {
  const auto arguments = read_arguments(words, bench_option_table());
  if (!arguments) return arguments.error();
  if (arguments->files.size() != 1) return wrong("what is to be driven? It takes one address or swarm file");
  const auto form = output_form(*arguments);
  if (!form) return form.error();
  const auto plan = bench::read_load_plan(plan_text(*arguments), std::random_device()());
  if (!plan) return plan.error();
  auto payloads = read_payloads(*arguments, plan->seed);
  if (!payloads) return payloads.error();
  const auto access = read_access(*arguments, arguments->files.front());
  if (!access) return access.error();
  BenchOptions options{.target = {},
                       .file = arguments->files.front(),
                       .gateway = text(*arguments, "gateway"),
                       .access = *access,
                       .plan = *plan,
                       .payloads = std::move(payloads).value(),
                       .form = *form,
                       .settings = node_settings_of(*arguments)};
  if (bench::is_address(options.file)) {
    auto target = read_target(*arguments, options.file, options.access);
    if (!target) return target.error();
    options.target = std::move(target).value();
  } else if (given(*arguments, "framing")) {
    return wrong("--framing is for tcp://; a swarm file says it itself");
  }
  return options;
}

}  // namespace skep::cli
