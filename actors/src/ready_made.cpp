#include "skep/actors/ready_made.hpp"

#include "ready_made_bees.hpp"
#include "skep/serialization/json.hpp"

namespace skep {

BeeRegistry::Entry checked(BeeRegistry::Entry entry, OptionCheck check) {
  entry.configure = [configure = std::move(entry.configure), check = std::move(check)](const OptionValue& table,
                                                                                       SourcePosition where) {
    auto bee = configure(table, where);
    check(table, bee.problems);
    if (!bee.problems.empty()) bee.factory = nullptr;
    return bee;
  };
  return entry;
}

void check_path(const OptionValue& table, std::string_view name, std::vector<OptionProblem>& problems) {
  const auto* value = table.find(name);
  const auto* path = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  if (path == nullptr || is_json_path(*path)) return;
  problems.push_back({value->position, "'" + *path + "' is no JSON path", "write it like $.kind or $.a.b[2]"});
}

void add_ready_made_bees(BeeRegistry& registry) {
  add_filter_bee(registry);
  add_route_bee(registry);
  add_log_bee(registry);
  add_aggregate_bee(registry);
  add_window_bee(registry);
  add_dedup_bee(registry);
  add_throttle_bee(registry);
  add_join_bee(registry);
}

}  // namespace skep
