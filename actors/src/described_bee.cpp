#include "skep/actors/described_bee.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "skep/actors/described_options.hpp"

namespace skep {
namespace {

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
  auto options = DescribedOptions::of(description.name, description.options);
  if (!options) return options.error();
  const auto shared = std::make_shared<const BeeDescription>(description);
  auto configure = [shared, options = std::move(options).value()](const OptionValue& table, SourcePosition where) {
    ConfiguredBee bee;
    bee.problems = options.check(table, where);
    bee.outputs = outputs_of(*shared, table);
    return bee;
  };
  return BeeRegistry::Entry{std::move(description), std::move(configure)};
}

}  // namespace skep
