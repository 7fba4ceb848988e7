#pragma once
// What a process knows of bees and gateways, for people and for programs. Pure.

#include <string>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep::cli {

struct CatalogView {
  std::vector<const BeeDescription*> bees;
  std::vector<const GatewayDescription*> gateways;
};

[[nodiscard]] std::string as_text(const CatalogView& catalog);
/// `{"bees": [{"name", "summary", "inputs", "outputs", "options", "takes_batches", "holds_records", "schema"}],
/// "gateways":
/// [...]}`
[[nodiscard]] std::string as_json(const CatalogView& catalog);

}  // namespace skep::cli
