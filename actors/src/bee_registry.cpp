#include "skep/actors/bee_registry.hpp"

#include <algorithm>
#include <set>

#include "skep/actors/class_name.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace {

/// What is wrong with the output ports of a class or a bee, or nothing.
std::string port_problem(const std::vector<PortDescription>& outputs) {
  if (outputs.size() > limits::ports_max) {
    return std::to_string(outputs.size()) + " output ports; the limit is " + std::to_string(limits::ports_max) +
           " (ports_max)";
  }
  std::set<std::string_view> names;
  for (const auto& port : outputs) {
    if (!names.insert(port.name).second) return "two output ports are named '" + port.name + "'";
  }
  return "";
}

}  // namespace

namespace detail {

void refuse_two_types(const std::string& bee, const PayloadType& one, const PayloadType& other) {
  throw std::invalid_argument("bee class '" + bee + "' reads '" + one.name + "', and '" + other.name +
                              "' too: a class reads one type of payload");
}

}  // namespace detail

void BeeRegistry::add(Entry entry) {
  const auto& name = entry.description.name;
  if (!is_class_name(name)) {
    throw std::invalid_argument("bee class name '" + name + "' is not of the form 'library.class' (a-z, 0-9, _)");
  }
  if (entries_.contains(name)) throw std::invalid_argument("bee class '" + name + "' is registered already");
  if (auto problem = port_problem(entry.description.outputs); !problem.empty()) {
    throw std::invalid_argument("bee class '" + name + "': " + problem);
  }
  add_types(entry.description);
  entries_.emplace(name, std::move(entry));
}

void BeeRegistry::add_types(const BeeDescription& bee) {
  const auto add_type = [&](const PayloadType& type) {
    if (!type) return;
    const auto added = schemas_.add(type, bee.plugin.empty() ? "" : "plug-in '" + bee.plugin + "'");
    if (!added) throw std::invalid_argument("bee class '" + bee.name + "': " + added.error().message);
    if (schemas_.is_struct(type.id)) return;
    throw std::invalid_argument("bee class '" + bee.name + "': there is no schema of a struct for its payload type '" +
                                type.name + "'");
  };
  add_type(bee.input_type);
  for (const auto* ports : {&bee.outputs, &bee.outputs_by_options}) {
    for (const auto& port : *ports) add_type(port.type);
  }
}

void BeeRegistry::check_outputs(ConfiguredBee& bee, SourcePosition where) {
  if (auto problem = port_problem(bee.outputs); !problem.empty()) {
    bee.problems.push_back({where, std::move(problem), ""});
  }
}

const BeeRegistry::Entry* BeeRegistry::find(std::string_view name) const noexcept {
  const auto entry = entries_.find(name);
  return entry == entries_.end() ? nullptr : &entry->second;
}

std::string BeeRegistry::name_of(const std::type_info& type) const {
  const auto is_of_it = [&](const auto& entry) { return entry.second.type != nullptr && *entry.second.type == type; };
  const auto found = std::ranges::find_if(entries_, is_of_it);
  return found == entries_.end() ? std::string() : found->first;
}

std::vector<std::string> BeeRegistry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

}  // namespace skep
