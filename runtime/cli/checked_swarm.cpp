#include "checked_swarm.hpp"

#include <iostream>

#include "surroundings.hpp"

namespace skep::cli {

std::optional<Catalog::Checked> checked_swarm(Catalog& catalog, const std::string& file) {
  auto checked = catalog.check(file, process_environment());
  print(checked.problems);
  if (checked.ok()) return checked;
  std::cerr << count_of_errors(file, checked.problems) << '\n';
  return std::nullopt;
}

}  // namespace skep::cli
