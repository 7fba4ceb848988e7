// Users' gateway classes as entries of the registry: the options that all of them have, beside their own.

#include "skep/gateways/gateway_class.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "custom_transport.hpp"
#include "gateway_core.hpp"
#include "gateway_options.hpp"
#include "gateway_plan.hpp"
#include "skep/actors/class_name.hpp"
#include "skep/actors/described_options.hpp"

namespace skep {
namespace {

struct CustomOptions : SharedOptions {
  std::int64_t sessions_max = limits::gateway_sessions_max;
  ByteSize payload_bytes_max{limits::frame_bytes_max};
  bool public_address = false;
};

OptionSet<CustomOptions> shared_set(bool listens) {
  OptionSet<CustomOptions> set;
  add_shared_options(set);
  set.add("sessions_max", &CustomOptions::sessions_max, "clients that the gateway tells apart",
          {.min = 1, .max = 1 << 20});
  set.add("payload_bytes_max", &CustomOptions::payload_bytes_max, "one submission",
          {.min = 1, .max = double(limits::payload_bytes_max)});
  if (listens) {
    set.add("public", &CustomOptions::public_address, "allows to listen beyond this machine, unencrypted");
  }
  return set;
}

bool is_among(const std::vector<OptionDescription>& options, std::string_view name) {
  return std::ranges::find(options, name, &OptionDescription::name) != options.end();
}

/// The part of a table whose keys are among these options.
OptionValue part_of(const OptionValue& table, const std::vector<OptionDescription>& options) {
  const auto* members = std::get_if<OptionValue::Table>(&table.value);
  if (members == nullptr) return table;
  OptionValue part{.value = OptionValue::Table{}, .position = table.position, .directory = table.directory};
  std::ranges::copy_if(*members, std::back_inserter(std::get<OptionValue::Table>(part.value)),
                       [&](const OptionValue::Member& member) { return is_among(options, member.key); });
  return part;
}

/// Keys that neither part knows, with the nearest of both.
std::vector<OptionProblem> unknown_keys(const OptionValue& table, SourcePosition where,
                                        std::vector<OptionDescription> options) {
  for (auto& option : options) option.rules.required = false;  // what is missing is for its own part to say
  return read_options(table, where, options,
                      [](std::size_t, const OptionValue&) -> std::optional<std::string> { return std::nullopt; });
}

void append(std::vector<OptionProblem>& to, std::vector<OptionProblem> problems) {
  std::ranges::move(problems, std::back_inserter(to));
}

/// As it stands in the file, or by default.
std::string listen_text(const OptionValue& table, const GatewayDescription& description) {
  if (const auto* given = table.find(description.listen)) {
    const auto* text = std::get_if<std::string>(&given->value);
    return text == nullptr ? "" : *text;
  }
  const auto option = std::ranges::find(description.options, description.listen, &OptionDescription::name);
  const auto& shown = option->default_value;  // in quotes
  return shown.size() > 2 ? shown.substr(1, shown.size() - 2) : "";
}

void check_listen(const std::string& text, const CustomOptions& options, const std::string& option, OptionChecks checks,
                  ConfiguredGateway& configured) {
  if (text.empty()) return;
  configured.listen = checks.address(option, text);
  if (!configured.listen || configured.listen->is_loopback() || options.public_address) return;
  checks.fail(option, "listening on " + text + " lets other machines in, unencrypted",
              "listen on 127.0.0.1, or set public = true");
}

std::optional<std::string> paths_only(const GatewayDescription& description) {
  if (description.content == ContentKind::json) return std::nullopt;
  return "of gateways that submit JSON; '" + description.type + "' submits " +
         std::string(to_string(description.content));
}

WireForm wire_of(ContentKind kind) {
  const auto content = wire_content_from(to_string(kind)).value_or(WireContent::raw);
  return {content, content, content, kind != ContentKind::capnp};
}

GatewayPlan plan_of(const CustomOptions& options, ContentKind content, GatewayFactory factory) {
  GatewayPlan plan{.options = options, .wire = wire_of(content), .make = {}};
  SubmissionLimits submissions{.records_max = limits::gateway_submissions_max,
                               .bytes_max = limits::gateway_submission_bytes_max,
                               .payload_bytes_max = static_cast<std::size_t>(options.payload_bytes_max.bytes),
                               .sessions_max = static_cast<std::size_t>(options.sessions_max)};
  plan.make = [submissions, factory = std::move(factory)](GatewayCore& gateway) {
    auto limits = submissions;
    limits.blocks = gateway.blocks();
    return std::make_unique<CustomTransport>(gateway, CustomTransport::Settings{factory, limits});
  };
  return plan;
}

ConfiguredGateway configure(const GatewayDescription& description, const GatewayRegistry::ReadOptions& read,
                            const OptionValue& table, SourcePosition where) {
  const auto shared = shared_set(!description.listen.empty());
  const std::vector<OptionDescription> own(
      description.options.begin() + static_cast<std::ptrdiff_t>(description.shared_options), description.options.end());
  ConfiguredGateway configured{.problems = unknown_keys(table, where, description.options)};
  CustomOptions options;
  append(configured.problems, shared.read(part_of(table, shared.descriptions()), where, options));
  auto theirs = read(part_of(table, own), where);
  append(configured.problems, std::move(theirs.problems));
  OptionChecks(table, where, configured.problems).shared(options, paths_only(description));
  if (!description.listen.empty()) {
    configured.listen_option = description.listen;
    configured.protocol = description.protocol;
    check_listen(listen_text(table, description), options, description.listen, {table, where, configured.problems},
                 configured);
  }
  configured.kinds = {description.content};
  if (!configured.problems.empty() || !theirs.factory) return configured;
  configured.spawn = [options, content = description.content, factory = std::move(theirs.factory)](
                         caf::actor_system& system, GatewayHost& host, GatewaySettings settings) {
    return host.spawn(system, plan_of(options, content, factory), std::move(settings));
  };
  return configured;
}

/// Throws std::invalid_argument.
void check(const GatewayDescription& description, const std::vector<OptionDescription>& shared) {
  const auto fail = [&](const std::string& what) {
    throw std::invalid_argument("gateway class '" + description.type + "'" + what);
  };
  if (!is_class_name(description.type)) fail(" is not of the form 'library.class' (a-z, 0-9, _)");
  const auto& ways = description.directions;
  if (!ways.in && !ways.out) fail(": its records go neither in nor out (describe)");
  for (const auto& option : description.options) {
    if (is_among(shared, option.name)) fail(": its option '" + option.name + "' is one that every gateway has");
    for (const auto* key : {"type", "from", "answers", "nodes"}) {
      if (option.name == key) fail(": its option '" + option.name + "' is a key of every gateway");
    }
  }
  if (description.content == ContentKind::capnp || description.content == ContentKind::error) {
    fail(": its content is to be raw, json or tensor");
  }
  if (description.listen.empty()) return;
  const auto listen = std::ranges::find(description.options, description.listen, &OptionDescription::name);
  if (listen == description.options.end() || listen->type != "string") {
    fail(": '" + description.listen + "', where it listens, is no option of it that is a string");
  }
}

}  // namespace

void GatewayRegistry::add_class(GatewayDescription description, ReadOptions read) {
  auto shared = shared_set(!description.listen.empty()).descriptions();
  check(description, shared);
  if (find(description.type) != nullptr) {
    throw std::invalid_argument("gateway class '" + description.type + "' is registered already");
  }
  description.shared_options = shared.size();
  std::ranges::move(std::exchange(description.options, std::move(shared)), std::back_inserter(description.options));
  const auto whole = description;
  add(Entry{std::move(description), [whole, read = std::move(read)](const OptionValue& table, SourcePosition where) {
              return configure(whole, read, table, where);
            }});
}

Result<void> add_described(GatewayRegistry& registry, GatewayDescription description) {
  auto options = DescribedOptions::of(description.type, description.options);
  if (!options) return options.error();
  registry.add_class(std::move(description),
                     [options = std::move(options).value()](const OptionValue& table, SourcePosition where) {
                       return ReadGateway{.problems = options.check(table, where)};
                     });
  return {};
}

}  // namespace skep
