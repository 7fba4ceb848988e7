#pragma once
// The ready-made bees, one file each, and how they register. A check sees the options as the file has them, so that
// lint finds at its place what a plain option type cannot express.

#include <functional>
#include <string>
#include <vector>

#include "skep/actors/bee_registry.hpp"

namespace skep {

void add_filter_bee(BeeRegistry& registry);
void add_route_bee(BeeRegistry& registry);
void add_log_bee(BeeRegistry& registry);
void add_aggregate_bee(BeeRegistry& registry);
void add_window_bee(BeeRegistry& registry);
void add_dedup_bee(BeeRegistry& registry);
void add_throttle_bee(BeeRegistry& registry);
void add_join_bee(BeeRegistry& registry);

using OptionCheck = std::function<void(const OptionValue& table, std::vector<OptionProblem>& problems)>;

/// The entry, with `check` run after its own. With problems there is no factory.
[[nodiscard]] BeeRegistry::Entry checked(BeeRegistry::Entry entry, OptionCheck check);

template <class T>
void add_checked_bee(BeeRegistry& registry, const std::string& name, OptionCheck check) {
  BeeRegistry plain;
  plain.add<T>(name);
  registry.add(checked(*plain.find(name), std::move(check)));
}

/// Adds a problem if option `name` is there and is no JSON path.
void check_path(const OptionValue& table, std::string_view name, std::vector<OptionProblem>& problems);

}  // namespace skep
