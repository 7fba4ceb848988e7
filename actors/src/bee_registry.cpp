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

void BeeRegistry::add(Entry entry) {
  const auto& name = entry.description.name;
  if (!is_class_name(name)) {
    throw std::invalid_argument("bee class name '" + name + "' is not of the form 'library.class' (a-z, 0-9, _)");
  }
  if (entries_.contains(name)) throw std::invalid_argument("bee class '" + name + "' is registered already");
  if (auto problem = port_problem(entry.description.outputs); !problem.empty()) {
    throw std::invalid_argument("bee class '" + name + "': " + problem);
  }
  entries_.emplace(name, std::move(entry));
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
