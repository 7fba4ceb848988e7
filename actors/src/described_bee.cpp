#include "skep/actors/described_bee.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace skep {
namespace {

using Problem = std::optional<std::string>;
using Check = std::function<Problem(const OptionValue&, const OptionRules&)>;

template <class T>
Problem check_as(const OptionValue& value, const OptionRules& rules) {
  T read{};
  auto problem = detail::read(value, read);
  return problem ? problem : detail::check(read, rules);
}

template <class T>
std::pair<std::string, Check> known() {
  return {detail::type_name(T{}), &check_as<T>};
}

Check list_of(Check element) {
  return [element = std::move(element)](const OptionValue& value, const OptionRules& rules) -> Problem {
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    if (list == nullptr) return detail::expected("a list", value);
    for (const auto& each : *list) {
      if (auto problem = element(each, rules)) return problem;
    }
    return std::nullopt;
  };
}

/// By OptionDescription::type; empty where the type is not known.
Check check_of(std::string_view type) {
  constexpr std::string_view list = "list of ";
  constexpr std::size_t size_max = 64;  // several lists deep: each is a call here
  if (type.size() > size_max) return {};
  if (type.starts_with(list)) {
    auto element = check_of(type.substr(list.size()));
    return element ? list_of(std::move(element)) : Check();
  }
  static const std::array types{known<bool>(),        known<std::int64_t>(), known<double>(),
                                known<std::string>(), known<ByteSize>(),     known<std::chrono::nanoseconds>(),
                                known<FilePath>(),    known<OptionValue>()};
  const auto found = std::ranges::find(types, type, &std::pair<std::string, Check>::first);
  return found == types.end() ? Check() : found->second;
}

/// What an option names, of a bee's further ports.
void add_named(const OptionValue& options, const PortDescription& port, std::vector<PortDescription>& outputs) {
  const auto* names = options.find(port.names_from);
  const auto* list = names == nullptr ? nullptr : std::get_if<OptionValue::Array>(&names->value);
  if (list == nullptr) return;
  for (const auto& each : *list) {
    if (const auto* name = std::get_if<std::string>(&each.value)) {
      outputs.push_back({.name = *name, .doc = port.doc, .side = port.side, .type = port.type});
    }
  }
}

std::vector<PortDescription> outputs_of(const BeeDescription& description, const OptionValue& options) {
  auto outputs = description.outputs;
  for (const auto& port : description.outputs_by_options) {
    if (port.names_from.empty()) {
      outputs.push_back({.name = port.name, .doc = port.doc, .side = true, .type = port.type});
    } else {
      add_named(options, port, outputs);
    }
  }
  return outputs;
}

}  // namespace

Result<BeeRegistry::Entry> described_bee(BeeDescription description) {
  std::vector<Check> checks;
  for (const auto& option : description.options) {
    checks.push_back(check_of(option.type));
    if (checks.back()) continue;
    return Error{errc::incompatible, "class '" + description.name + "': its option '" + option.name + "' is of type '" +
                                         option.type + "', which is not known here"};
  }
  const auto shared = std::make_shared<const BeeDescription>(description);
  auto configure = [shared, checks = std::move(checks)](const OptionValue& table, SourcePosition where) {
    ConfiguredBee bee;
    bee.problems = read_options(table, where, shared->options, [&](std::size_t index, const OptionValue& value) {
      return checks[index](value, shared->options[index].rules);
    });
    bee.outputs = outputs_of(*shared, table);
    return bee;
  };
  return BeeRegistry::Entry{std::move(description), std::move(configure)};
}

}  // namespace skep
