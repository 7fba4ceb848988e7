#include "bench_options.hpp"

#include <random>

#include "plugin_options.hpp"
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

Result<LoadTarget> read_target(const Arguments& arguments, const std::string& address) {
  auto target = bench::parse_target(address);
  if (!target) return target.error();
  if (given(arguments, "gateway")) return wrong("--gateway is for swarm files");
  if (!given(arguments, "framing")) return target;
  if (target->protocol != LoadTarget::Protocol::tcp) return wrong("--framing is for tcp://");
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
  add("clients", "N", "connections (default: 1)");
  add("in-flight", "N", "requests of each, sent and not answered (default: 1; with --rate: at most 1024)");
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
  BenchOptions options{.target = {},
                       .file = arguments->files.front(),
                       .gateway = text(*arguments, "gateway"),
                       .plan = *plan,
                       .payloads = std::move(payloads).value(),
                       .form = *form,
                       .settings = node_settings_of(*arguments)};
  if (bench::is_address(options.file)) {
    auto target = read_target(*arguments, options.file);
    if (!target) return target.error();
    options.target = std::move(target).value();
  } else if (given(*arguments, "framing")) {
    return wrong("--framing is for tcp://; a swarm file says it itself");
  }
  return options;
}

}  // namespace skep::cli
